using System.Security.Cryptography;
using CsCheck;
using Curator.Core.Images;
using Curator.Core.Manifests;

namespace Curator.Core.Tests.Manifests;

public sealed class ManifestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Twenty_thousand_rows_stream_back_as_they_were()
    {
        var (rows, fingerprint) = Write("images.parquet", 20_000);
        Assert.Equal(20_000, rows);
        using var manifest = ManifestReader.Open(_folder["images.parquet"]);
        Assert.Equal((rows, fingerprint), (manifest.Rows, manifest.Fingerprint));
        var row = 0;
        foreach (var record in manifest.Read()) Assert.Equal(Records.Make(row++), record);
        Assert.Equal(20_000, row);
        Assert.Null(manifest.Verify());
    }

    [Fact]
    public void Any_range_and_any_row_is_found_across_row_groups()
    {
        Write("images.parquet", 20_000);
        using var manifest = ManifestReader.Open(_folder["images.parquet"]);
        Gen.Select(Gen.Long[0, 20_000], Gen.Long[0, 300]).Sample((first, count) =>
        {
            var expected = Math.Min(count, 20_000 - first);
            Assert.Equal(Enumerable.Range(0, (int)expected).Select(i => Records.Make(first + i)), manifest.Read(first, count));
            if (first < 20_000) Assert.Equal(Records.Make(first), manifest[first]);
        }, iter: 60);
        Assert.Throws<ArgumentOutOfRangeException>(() => manifest[20_000]);
    }

    [Fact]
    public void Every_field_keeps_its_extremes()
    {
        var number = 0;
        var record =
            from text in Gen.String
            from numbers in Gen.Long.Array[3]
            from hash in Gen.ULong
            from luma in Gen.Single.Array[3]
            from taken in Gen.Long[-62_000_000_000_000_000, 250_000_000_000_000_000].Nullable()
            from box in Gen.Double.Array[4]
            from hasBox in Gen.Bool
            select new ImageRecord
            {
                Uri = "/" + text.Replace("\0", "", StringComparison.Ordinal),
                Sha256 = Records.Hash(numbers[0]),
                SizeBytes = numbers[0],
                ModifiedNanoseconds = numbers[1],
                Width = (int)numbers[2],
                Height = int.MaxValue,
                Channels = int.MinValue,
                BitDepth = 32,
                Folder = "",
                PerceptualHash = hash,
                MeanLuma = luma[0],
                LumaDeviation = luma[1],
                NoDataShare = luma[2],
                TakenAt = taken is { } t ? DateTimeOffset.UnixEpoch.AddTicks(t * TimeSpan.TicksPerMicrosecond) : null,
                Footprint = hasBox ? new BoundingBox(box[0], box[1], box[2], box[3]) : null,
            };
        record.Where(r => !HasLoneSurrogate(r.Uri)).Array[0, 20].Sample(records =>
        {
            var path = _folder[$"m{Interlocked.Increment(ref number)}"];
            using (var writer = ManifestWriter.Create(path))
            {
                foreach (var item in records) writer.Append(item);
                writer.Commit();
            }

            using var manifest = ManifestReader.Open(path);
            Assert.Equal(records, manifest.Read());
            File.Delete(path);
        }, iter: 100);
    }

    [Fact]
    public void A_manifest_grows_by_writing_a_new_one_and_the_fingerprint_goes_on()
    {
        Write("images.parquet", 9_000);
        string before;
        using (var old = ManifestReader.Open(_folder["images.parquet"]))
        {
            before = old.Fingerprint;
            using var writer = ManifestWriter.Create(_folder["images.parquet"]);
            writer.AppendAll(old);
            for (var i = 9_000; i < 12_000; i++) writer.Append(Records.Make(i));
            writer.Commit();
        }

        using var grown = ManifestReader.Open(_folder["images.parquet"]);
        Assert.Equal(12_000, grown.Rows);
        Assert.Equal(Write("direct.parquet", 12_000).Fingerprint, grown.Fingerprint);
        var prefix = default(ManifestFingerprint);
        foreach (var record in grown.Read(0, 9_000)) prefix.Append(record.Sha256);
        Assert.Equal(before, prefix.Value);
    }

    [Fact]
    public void The_same_rows_give_the_same_bytes()
    {
        Write("a", 10_000);
        Write("b", 10_000);
        Assert.Equal(SHA256.HashData(File.ReadAllBytes(_folder["a"])), SHA256.HashData(File.ReadAllBytes(_folder["b"])));
    }

    [Fact]
    public void Manifests_of_the_first_version_stay_readable_and_grow()
    {
        var old = Path.Combine(TestData.Root, "tests", "golden", "manifests", "v1.parquet");
        using var first = ManifestReader.Open(old);
        Assert.Equal(4, first.Rows);
        Assert.Null(first.Verify());
        Assert.Empty(first.FreeColumns);
        var rows = first.Read().ToList();
        Assert.Equal(["2020-09-27_-01.0991,-005.8739,001.2072,-003.5676.jpg", "River_1000.jpg", "River_1002.jpg", "River_1004.jpg"], rows.Select(row => Path.GetFileName(row.Uri)));
        Assert.All(rows, row => Assert.Equal((null, null, Rendering.Plain, null, ImageMetadata.Empty), (row.CloudShare, row.Sharpness, row.Rendering, row.Gaps, row.Metadata)));
        Assert.Equal(-1.0991, rows[0].Footprint!.Value.South);

        using (var writer = ManifestWriter.Create(_folder["grown"], [new MetadataColumn("region", MetadataKind.Text)]))
        {
            writer.AppendAll(first);
            Assert.Equal(first.Fingerprint, writer.Commit().Fingerprint);
        }

        using var grown = ManifestReader.Open(_folder["grown"]);
        Assert.Equal(rows, grown.Read());
    }

    [Fact]
    public void Free_columns_renderings_and_masks_come_back_as_they_were()
    {
        MetadataColumn[] columns = [new("region", MetadataKind.Text), new("elevation", MetadataKind.Number), new("mixed", MetadataKind.Text)];
        var records = Enumerable.Range(0, 9_000).Select(i => Records.Make(i) with
        {
            CloudShare = i % 3 == 0 ? null : i % 101 / 100f,
            Sharpness = i % 4 == 0 ? null : i % 7 / 10f,
            Rendering = i % 5 == 0 ? new Rendering { Bands = [4, 3, 2], Stretch = [(0, 3000.5)], Fill = "neighbor" } : Rendering.Plain,
            Gaps = i % 5 == 0 ? Mask(i) : null,
            Metadata = ImageMetadata.Of(new Dictionary<string, MetadataValue>
            {
                ["region"] = MetadataValue.Of(i % 2 == 0 ? $"zone {i % 9}" : null),
                ["elevation"] = i % 6 == 0 ? default : MetadataValue.Of(i / 3.0),
                ["mixed"] = i % 2 == 0 ? MetadataValue.Of("text") : default,
            }),
        }).ToList();
        string fingerprint;
        using (var writer = ManifestWriter.Create(_folder["a"], columns))
        {
            foreach (var record in records) writer.Append(record);
            fingerprint = writer.Commit().Fingerprint;
            Assert.Throws<ArgumentException>(() => writer.Append(Records.Make(1) with { Metadata = One("unknown", MetadataValue.Of(1)) }));
            Assert.Throws<ArgumentException>(() => writer.Append(Records.Make(1) with { Metadata = One("elevation", MetadataValue.Of("high")) }));
        }

        using var manifest = ManifestReader.Open(_folder["a"]);
        Assert.Equal(["elevation", "mixed", "region"], manifest.FreeColumns.Select(column => column.Name));
        Assert.Equal(records, manifest.Read());
        Assert.Null(manifest.Verify());
        // Other pixels come from the same bytes, so what is embedded is another thing.
        Assert.NotEqual(Write("plain", 9_000).Fingerprint, fingerprint);

        static ImageMetadata One(string name, MetadataValue value) => ImageMetadata.Of([new(name, value)]);
        static GapMask Mask(int seed) => GapMask.Of([.. Enumerable.Range(0, 12 * 7).Select(i => (byte)((i * seed) % 3))], 12, 7);
    }

    [Fact]
    public void An_empty_manifest_is_one()
    {
        Write("empty", 0);
        using var manifest = ManifestReader.Open(_folder["empty"]);
        Assert.Empty(manifest.Read());
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", manifest.Fingerprint);
    }

    [Fact]
    public void The_fingerprint_is_the_chain_of_content_hashes()
    {
        var expected = SHA256.HashData([]);
        var actual = default(ManifestFingerprint);
        for (var i = 0; i < 10; i++)
        {
            expected = SHA256.HashData([.. expected, .. Convert.FromHexString(Records.Hash(i))]);
            actual.Append(Records.Hash(i));
            var copy = actual;
            copy.Append(Records.Hash(99));
            Assert.Equal(Convert.ToHexStringLower(expected), actual.Value);
        }

        Assert.Throws<ArgumentException>(() => actual.Append("abc"));
    }

    [Fact]
    public void Every_cut_and_every_flipped_bit_is_refused_with_a_way_out()
    {
        Write("whole", 9_000);
        var bytes = File.ReadAllBytes(_folder["whole"]);
        var random = new Random(5);
        for (var i = 0; i < 500; i++)
        {
            File.WriteAllBytes(_folder["cut"], bytes.AsSpan(0, i < 50 ? bytes.Length - 1 - i : random.Next(bytes.Length)));
            AssertRefused(_folder["cut"]);
        }

        for (var i = 0; i < 1500; i++)
        {
            // A third of them in the footer, where a native reader is weakest.
            var at = i % 3 == 0 ? bytes.Length - 1 - random.Next(6000) : random.Next(bytes.Length);
            var bit = (byte)(1 << random.Next(8));
            bytes[at] ^= bit;
            File.WriteAllBytes(_folder["flipped"], bytes);
            bytes[at] ^= bit;
            AssertRefused(_folder["flipped"]);
        }
    }

    [Fact]
    public void Damage_in_one_row_group_leaves_the_others_readable()
    {
        Write("images.parquet", 20_000);
        var bytes = File.ReadAllBytes(_folder["images.parquet"]);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(_folder["images.parquet"], bytes);
        using var manifest = ManifestReader.Open(_folder["images.parquet"]);
        Assert.Equal(Records.Make(10), manifest[10]);
        Assert.Equal(Records.Make(19_999), manifest[19_999]);
        var error = Assert.Throws<ArtefactException>(() => manifest[10_000]);
        Assert.Contains("row group 1", error.WhatHappened, StringComparison.Ordinal);
        Assert.NotNull(manifest.Verify());
    }

    [Theory]
    [InlineData("")]
    [InlineData("PAR1")]
    [InlineData("PAR1\0\0\0\0PAR1")]
    [InlineData("no parquet at all, but long enough to be looked at")]
    public void What_is_no_manifest_is_refused(string content)
    {
        File.WriteAllText(_folder["a"], content);
        AssertRefused(_folder["a"]);
        AssertRefused(_folder["missing"]);
    }

    [Fact]
    public void A_path_that_looks_like_the_checksum_marker_does_no_harm()
    {
        using (var writer = ManifestWriter.Create(_folder["a"]))
        {
            writer.Append(Records.Make(1) with { Uri = "/curator-tail-xxh3:0000000000000000:0000000000000000" });
            writer.Commit();
        }

        using var manifest = ManifestReader.Open(_folder["a"]);
        Assert.Null(manifest.Verify());
    }

    [Fact]
    public void Streaming_a_hundred_thousand_rows_holds_a_few_row_groups_only()
    {
        Write("images.parquet", 100_000);
        using var manifest = ManifestReader.Open(_folder["images.parquet"]);
        long rows = 0, most = 0;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var _ in manifest.Read())
            if (++rows % 25_000 == 0)
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        Assert.Equal(100_000, rows);
        // All 100,000 records are 60 MB at the least; measured: about half of it, bounded by the 16 cached groups.
        Assert.InRange(most, 0, 90L << 20);
    }

    private (long Rows, string Fingerprint) Write(string name, int rows)
    {
        using var writer = ManifestWriter.Create(_folder[name]);
        for (var i = 0; i < rows; i++) writer.Append(Records.Make(i));
        return writer.Commit();
    }

    private static void AssertRefused(string path)
    {
        var error = Assert.Throws<ArtefactException>(() =>
        {
            using var manifest = ManifestReader.Open(path);
            foreach (var _ in manifest.Read())
            {
                // Reading all is the test.
            }
        });
        Assert.Contains("curator add PATH", error.NextStep, StringComparison.Ordinal);
        Assert.Contains("curator add PATH", error.NextStep, StringComparison.Ordinal);
    }

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) i++;
            else if (char.IsSurrogate(text[i])) return true;
        }

        return false;
    }
}
