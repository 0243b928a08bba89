using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text;
using Curator.Core;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Ingest;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Ingest;

public sealed class ContainerTests
{
    [Fact]
    public async Task A_WebDataset_shard_gives_its_pictures_with_what_lies_beside_them()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        var root = Directory.CreateDirectory(folder["shards"]).FullName;
        Shard(Path.Combine(root, "a.tar"), 0, 5);
        var report = await fixture.AddAsync(root);
        Assert.Equal((5L, 0), (report.Added, report.Refused.Count));
        var rows = await fixture.RowsAsync();
        Assert.Equal(["000.png", "001.png", "002.png", "003.png", "004.png"], rows.Select(row => Path.GetFileName(row.Uri)));
        Assert.All(rows, row => Assert.Equal("river", row.Folder));
        Assert.Equal(new DateTimeOffset(2020, 5, 4, 0, 0, 0, TimeSpan.Zero), rows[3].TakenAt);
        Assert.Equal(new BoundingBox(12.5, 30, 12.5, 30), rows[3].Footprint);
        Assert.Equal(3, rows[3].Metadata["cls"].Number);
        Assert.Equal("zone 3", rows[3].Metadata["region"].Text);
        var decoder = new ImageDecoder();
        for (var i = 0; i < rows.Count; i++) Assert.Equal(Pictures.Rgb(20, 20, i + 1), decoder.DecodeRecord(rows[i], DecodeOptions.Default).Image!.Pixels.ToArray());

        // The same again is nothing new; another shard beside it is; a member that went is marked.
        Assert.Equal((0L, 5L), await Twice());
        Shard(Path.Combine(root, "b.tar"), 5, 3);
        Assert.Equal((3L, 5L), await Twice());
        Shard(Path.Combine(root, "b.tar"), 5, 2);
        File.SetLastWriteTimeUtc(Path.Combine(root, "b.tar"), new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(1, (await fixture.AddAsync(root)).Vanished);

        async Task<(long, long)> Twice()
        {
            var again = await fixture.AddAsync(root);
            return (again.Added, again.AlreadyThere);
        }
    }

    [Fact]
    public async Task A_cut_shard_gives_what_lies_before_the_cut_and_is_told_of()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        var tar = folder["shard.tar"];
        Shard(tar, 0, 6);
        var bytes = File.ReadAllBytes(tar);
        File.WriteAllBytes(tar, bytes[..(bytes.Length / 2)]);
        var report = await fixture.AddAsync(tar);
        Assert.InRange(report.Added, 1, 4);
        Assert.Equal(1, report.Refused.Values.Sum());
        Assert.Equal(tar, Assert.Single(report.Examples).Uri);
    }

    [Fact]
    public async Task TFRecords_of_the_original_schema_are_read_with_their_place()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        var file = folder["tiles_tf-000.tfrecord"];
        var pictures = Enumerable.Range(0, 3).Select(i => Pictures.Png(Pictures.Rgb(30, 20, i + 1), 30, 20)).ToArray();
        File.WriteAllBytes(file, [.. pictures.SelectMany((picture, i) => Record(Original(picture, $"2020-08-{i + 1:00}", i)))]);
        var report = await fixture.AddAsync(file);
        Assert.Equal((3L, 0), (report.Added, report.Refused.Count));
        var rows = await fixture.RowsAsync();
        Assert.All(rows, row => Assert.Equal((30, 20), (row.Width, row.Height)));
        Assert.Equal("2020-08-02_001.0000,-005.5000,002.0000,-004.5000.png", Path.GetFileName(rows[1].Uri));
        Assert.Equal(new BoundingBox(1, -5.5, 2, -4.5), rows[1].Footprint);
        Assert.Equal(new DateTimeOffset(2020, 8, 2, 0, 0, 0, TimeSpan.Zero), rows[1].TakenAt);
        Assert.Equal(Pictures.Rgb(30, 20, 2), new ImageDecoder().DecodeRecord(rows[1], DecodeOptions.Default).Image!.Pixels.ToArray());

        var damaged = File.ReadAllBytes(file);
        damaged[^30] ^= 4;
        File.WriteAllBytes(folder["damaged.tfrecord"], damaged);
        var second = await fixture.AddAsync(folder["damaged.tfrecord"]);
        Assert.Equal((2L, 1L), (second.Added, second.Refused[ImageProblem.Corrupt]));
    }

    [Fact]
    public async Task A_list_gives_paths_partitions_places_and_free_columns()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        Directory.CreateDirectory(folder["pictures"]);
        for (var i = 0; i < 4; i++) File.WriteAllBytes(Path.Combine(folder["pictures"], $"{i}.png"), Pictures.Png(Pictures.Rgb(20, 20, i + 1), 20, 20));
        var list = folder["list.csv"];
        File.WriteAllText(list, """
            path,date,product,resolution,lat,lon,Cloud Cover,region,width
            pictures/0.png,2021-03-04,modis,250m,10,-20,0.25,"north, far",9
            pictures/1.png,2021-03-05T10:20:00Z,modis,250m,,,,south,9
            pictures/2.png,2021-03-06,viirs,375m,5,6,1,south,9
            pictures/gone.png,2021-03-06,viirs,375m,5,6,1,south,9
            """);
        var report = await fixture.AddAsync(list);
        Assert.Equal((3L, 1L), (report.Added, report.Refused[ImageProblem.Missing]));
        Assert.Equal(["modis/250m/all", "viirs/375m/all"], report.Partitions.Select(partition => partition.Name));
        var rows = await fixture.RowsAsync();
        Assert.Equal(2, rows.Count);
        Assert.Equal(new BoundingBox(10, -20, 10, -20), rows[0].Footprint);
        Assert.Equal((0.25, "north, far", 9.0), (rows[0].Metadata["cloud_cover"].Number, rows[0].Metadata["region"].Text, rows[0].Metadata["given_width"].Number));
        Assert.Equal(new DateTimeOffset(2021, 3, 5, 10, 20, 0, TimeSpan.Zero), rows[1].TakenAt);
        Assert.True(rows[1].Metadata["cloud_cover"].IsMissing);
        Assert.Equal("pictures", rows[0].Folder);
        Assert.Equal((0L, 3L), await Again());

        async Task<(long, long)> Again()
        {
            var again = await fixture.AddAsync(list);
            return (again.Added, again.AlreadyThere);
        }
    }

    [Fact]
    public async Task Web_addresses_in_a_list_are_refused_with_what_to_do()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        foreach (var name in (string[])["a.png", "b.png"]) File.WriteAllBytes(folder[name], Pictures.Png(Pictures.Rgb(20, 20), 20, 20));
        var list = folder["list.csv"];
        File.WriteAllText(list, $"url\nhttps://example.org/b.png\na.png\nfile://{folder["b.png"]}\ns3://bucket/c.png\n");
        var report = await fixture.AddAsync(list);
        Assert.Equal((2L, 2L), (report.Added, report.Refused[ImageProblem.Missing]));

        File.WriteAllText(list, "url\nhttps://example.org/b.png\nhttps://example.org/c.png\n");
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => fixture.AddAsync(list));
        Assert.Contains("https://example.org/b.png", error.Message, StringComparison.Ordinal);
        Assert.Contains("wget", error.NextStep, StringComparison.Ordinal);
        await Assert.ThrowsAsync<WorkspaceException>(() => fixture.AddAsync("https://example.org/b.png"));
    }

    [Fact]
    public async Task A_manifest_of_another_project_is_a_list_too()
    {
        using var folder = new TemporaryFolder();
        using var first = new IngestFixture(folder);
        File.WriteAllBytes(folder["a.png"], Pictures.Png(Pictures.Rgb(20, 20), 20, 20));
        await first.AddAsync(folder["a.png"]);
        var manifest = Directory.GetFiles(first.Project, "images.parquet", SearchOption.AllDirectories).Single();
        var report = await IngestFixture.AddAsync(folder["second"], new IngestOptions { Roots = [manifest], Product = "copied" });
        Assert.Equal((1L, "copied/native/all"), (report.Added, report.Partitions[0].Name));
    }

    [Fact]
    public async Task Gaps_are_filled_for_every_later_stage_and_the_mask_is_kept()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        var root = Directory.CreateDirectory(folder["tiles"]).FullName;
        var masks = Directory.CreateDirectory(folder["masks"]).FullName;
        const int Side = 64;
        var whole = Pictures.Noise(Side, Side);
        for (var i = 0; i < whole.Length; i++) whole[i] = (byte)(64 + whole[i] / 2);
        var gap = (byte[])whole.Clone();
        for (var y = 0; y < Side; y++) gap.AsSpan(3 * (y * Side + 10), 3 * 20).Clear();
        File.WriteAllBytes(Path.Combine(root, "found.png"), Pictures.Png(gap, Side, Side));
        File.WriteAllBytes(Path.Combine(root, "masked.png"), Pictures.Png(whole, Side, Side));
        File.WriteAllBytes(Path.Combine(root, "whole.png"), Pictures.Png(Pictures.Noise(Side, Side, 9), Side, Side));
        var mask = new byte[whole.Length];
        mask.AsSpan(0, 3 * Side * 16).Fill(255);
        File.WriteAllBytes(Path.Combine(masks, "masked.png"), Pictures.Png(mask, Side, Side));
        await IngestFixture.AddAsync(fixture.Project, new IngestOptions { Roots = [root], Fill = IngestFill.Neighbor, Mask = masks });
        var rows = (await fixture.RowsAsync()).ToDictionary(row => Path.GetFileNameWithoutExtension(row.Uri));

        Assert.Equal("fill=neighbor", rows["found"].Rendering.ToString());
        Assert.Equal(20 / 64f, rows["found"].NoDataShare);
        Assert.Equal(16 / 64f, rows["masked"].NoDataShare);
        Assert.True(rows["whole"].Rendering.IsPlain);
        Assert.Null(rows["whole"].Gaps);
        var kept = new byte[Side * Side];
        rows["found"].Gaps!.Expand(Side, Side, kept);
        Assert.Equal(20 * Side, kept.AsSpan().Count((byte)255));

        var decoder = new ImageDecoder();
        var filled = decoder.DecodeRecord(rows["found"], DecodeOptions.Default).Image!.Pixels.ToArray();
        for (var i = 0; i < Side * Side; i++)
        {
            Assert.True(filled[3 * i] > 0, $"pixel {i} is still black");
            if (kept[i] == 0) Assert.Equal(gap.AsSpan(3 * i, 3).ToArray(), filled.AsSpan(3 * i, 3).ToArray());
        }

        Assert.Equal(filled, new ImageDecoder().DecodeRecord(rows["found"], DecodeOptions.Default).Image!.Pixels.ToArray());
        Assert.Equal(gap, decoder.DecodeFile(rows["found"].Uri, DecodeOptions.Default).Image!.Pixels.ToArray());
    }

    [Fact]
    public async Task Bands_and_stretch_are_recorded_with_each_picture()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        File.WriteAllBytes(folder["a.tif"], GeoTiffs.Make(40, 30, 5, 16, 1, (band, x, y) => band * 1000 + x + y));
        await IngestFixture.AddAsync(fixture.Project, new IngestOptions { Roots = [folder["a.tif"]], Bands = "4,2,1", Stretch = "0%" });
        var row = Assert.Single(await fixture.RowsAsync());
        Assert.Equal("bands=4,2,1;stretch=3000:3068,1000:1068,0:68", row.Rendering.ToString());
        var pixels = new ImageDecoder().DecodeRecord(row, DecodeOptions.Default).Image!.Pixels.Span;
        Assert.Equal((0, 255), (pixels[0], pixels[^1]));
        Assert.Equal((5, 16), (row.Channels, row.BitDepth));
    }

    private static void Shard(string path, int first, int count)
    {
        using var tar = new TarWriter(File.Create(path), TarEntryFormat.Pax);
        for (var i = first; i < first + count; i++)
        {
            Add($"river/{i:000}.png", Pictures.Png(Pictures.Rgb(20, 20, i + 1), 20, 20));
            Add($"river/{i:000}.cls", Encoding.UTF8.GetBytes($"{i}"));
            Add($"river/{i:000}.json", Encoding.UTF8.GetBytes($$"""{"date":"2020-05-0{{i + 1}}","lat":12.5,"lon":30,"nested":{"a":1},"region":"zone {{i}}"}"""));
        }

        void Add(string name, byte[] content) => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
    }

    /// <summary>An example as the original downloader wrote it: width and height exchanged.</summary>
    private static byte[] Original(byte[] picture, string date, int i)
    {
        var features = new List<byte>();
        Feature("date", 1, Field(1, Encoding.UTF8.GetBytes(date)));
        Feature("image_raw", 1, Field(1, picture));
        Feature("width", 3, [1 << 3, 20]);
        Feature("height", 3, [1 << 3, 30]);
        Feature("bottom_left_lat", 2, Single(i));
        Feature("bottom_left_long", 2, Single(-5.5f));
        Feature("top_right_lat", 2, Single(i + 1));
        Feature("top_right_long", 2, Single(-4.5f));
        return Field(1, [.. features]);

        void Feature(string key, int kind, byte[] list) => features.AddRange(Field(1, [.. Field(1, Encoding.UTF8.GetBytes(key)), .. Field(2, Field(kind, list))]));
        static byte[] Single(float value)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            return Field(1, bytes);
        }
    }

    private static byte[] Field(int number, byte[] content)
    {
        var bytes = new List<byte> { (byte)(number << 3 | 2) };
        var length = (uint)content.Length;
        for (; length >= 0x80; length >>= 7) bytes.Add((byte)(length | 0x80));
        bytes.Add((byte)length);
        bytes.AddRange(content);
        return [.. bytes];
    }

    private static byte[] Record(byte[] content)
    {
        var head = new byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(head, content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), Masked(head.AsSpan(0, 8)));
        var tail = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, Masked(content));
        return [.. head, .. content, .. tail];
    }

    /// <summary>The literal checksum: a bit at a time.</summary>
    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
        }

        crc = ~crc;
        return (crc >> 15 | crc << 17) + 0xA282EAD8;
    }
}
