using CsCheck;
using Curator.Core.Files;

namespace Curator.Core.Tests.Files;

public sealed class ArtefactFileTests : IDisposable
{
    private static readonly string Fingerprint = Records.Hash(1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_in_pieces_reads_back_from_anywhere()
    {
        var number = 0;
        Gen.Select(Gen.Int[0, 300_000], Gen.Int[1, 90_000], Gen.Int, Gen.Double[0, 1], Gen.Double[0, 1]).Sample((length, piece, seed, from, share) =>
        {
            var path = _folder[$"round-{Interlocked.Increment(ref number)}"];
            var payload = Bytes(length, seed);
            Write(path, payload, piece);
            using var file = ArtefactFile.Open(path, "TEST", 1, "curator make", Fingerprint);
            var offset = (int)(from * length);
            var count = (int)(share * (length - offset));
            Assert.True(file.Payload(offset, count).SequenceEqual(payload.AsSpan(offset, count)));
            Assert.Empty(file.Verify());
            Assert.Equal("""{"a":"é"}""", file.Header.Metadata);
            File.Delete(path);
        }, iter: 60);
    }

    [Fact]
    public unsafe void Payload_is_aligned_to_64_bytes_and_whole_when_addressed_by_pointer()
    {
        var payload = Bytes(200_001, 5);
        Write(_folder["a"], payload, 1000);
        using var file = Open("a");
        var start = file.VerifiedPayload();
        Assert.Equal(0, (nint)start % 64);
        Assert.True(new ReadOnlySpan<byte>(start, payload.Length).SequenceEqual(payload));
    }

    [Fact]
    public void What_one_reader_of_a_file_has_checked_another_does_not_check_again()
    {
        Write(_folder["shared"], Bytes(150_000, 3), 70_000);
        var written = File.GetLastWriteTimeUtc(_folder["shared"]);
        using (var first = Open("shared"))
        {
            first.Payload(0, 1);
            // Damage that nothing tells of, in the first block and in the second.
            Flip(1000);
            Flip(100_000);
            File.SetLastWriteTimeUtc(_folder["shared"], written);
            using var second = Open("shared");
            Assert.Equal(1, second.Payload(0, 1).Length);
            Assert.Throws<ArtefactException>(() => second.Payload(70_000, 1).Length);
            Assert.Equal([0L, 1L], second.Verify());
            // Written to: nothing of it is known.
            File.SetLastWriteTimeUtc(_folder["shared"], written.AddSeconds(1));
            using var third = Open("shared");
            Assert.Throws<ArtefactException>(() => third.Payload(0, 1).Length);
            File.SetLastWriteTimeUtc(_folder["shared"], written);
        }
        using var later = Open("shared");
        Assert.Throws<ArtefactException>(() => later.Payload(0, 1).Length);

        void Flip(int offset)
        {
            using var file = File.OpenHandle(_folder["shared"], FileMode.Open, FileAccess.ReadWrite);
            var place = ArtefactHeader.LengthFor("""{"a":"é"}"""u8.Length) + offset;
            var one = new byte[1];
            RandomAccess.Read(file, one, place);
            one[0] ^= 1;
            RandomAccess.Write(file, one, place);
        }
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        Write(_folder["whole"], Bytes(150_000, 3), 70_000);
        var whole = File.ReadAllBytes(_folder["whole"]);
        // Every cut of the header and of the checksums, and a thousand in between.
        var cuts = Enumerable.Range(0, 300).Concat(Enumerable.Range(whole.Length - 100, 100)).Concat(Enumerable.Range(0, 1000).Select(i => (int)((long)i * whole.Length / 1000)));
        foreach (var cut in cuts)
        {
            File.WriteAllBytes(_folder["cut"], whole.AsSpan(0, cut));
            var error = Assert.Throws<ArtefactException>(() => Open("cut").Dispose());
            Assert.Contains("`curator make`", error.NextStep, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Appended_bytes_are_refused()
    {
        Write(_folder["a"], Bytes(100, 3), 70_000);
        File.AppendAllText(_folder["a"], "x");
        Assert.Throws<ArtefactException>(() => Open("a").Dispose());
    }

    [Fact]
    public void Every_single_flipped_bit_is_found()
    {
        Write(_folder["whole"], Bytes(150_000, 4), 70_000);
        var bytes = File.ReadAllBytes(_folder["whole"]);
        var positions = Enumerable.Range(0, 192).Concat(Enumerable.Range(bytes.Length - 24, 24)).SelectMany(at => Enumerable.Range(0, 8).Select(bit => (at, bit))).ToList();
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Int[0, 7]).Array[2000].Sample(random => positions.AddRange(random), iter: 1, threads: 1);
        foreach (var (at, bit) in positions)
        {
            bytes[at] ^= (byte)(1 << bit);
            File.WriteAllBytes(_folder["flipped"], bytes);
            bytes[at] ^= (byte)(1 << bit);
            Assert.True(IsRefused("flipped"), $"bit {bit} of byte {at} was flipped and not found");
        }
    }

    [Fact]
    public void Blocks_that_changed_places_are_found()
    {
        Write(_folder["a"], Bytes(ArtefactWriter.BlockBytes * 2, 6), 1 << 20);
        var bytes = File.ReadAllBytes(_folder["a"]);
        var start = bytes.Length - (2 * sizeof(ulong)) - (2 * ArtefactWriter.BlockBytes);
        Swap(bytes, start, start + ArtefactWriter.BlockBytes, ArtefactWriter.BlockBytes);
        Swap(bytes, bytes.Length - 16, bytes.Length - 8, 8);
        File.WriteAllBytes(_folder["a"], bytes);
        using var file = Open("a");
        Assert.Equal([0L, 1L], file.Verify());
    }

    [Fact]
    public void Damage_in_one_block_leaves_the_others_readable()
    {
        Write(_folder["a"], Bytes(ArtefactWriter.BlockBytes * 3, 6), 1 << 20);
        var bytes = File.ReadAllBytes(_folder["a"]);
        bytes[^((3 * sizeof(ulong)) + ArtefactWriter.BlockBytes + 5)] ^= 1;
        File.WriteAllBytes(_folder["a"], bytes);
        using var file = Open("a");
        Assert.Equal(10, file.Payload(0, 10).Length);
        Assert.Equal(10, file.Payload(2 * ArtefactWriter.BlockBytes, 10).Length);
        Assert.Throws<ArtefactException>(() => file.Payload(ArtefactWriter.BlockBytes, 1).Length);
        Assert.Throws<ArtefactException>(() => file.Payload(0, 3 * ArtefactWriter.BlockBytes).Length);
        Assert.Equal([1L], file.Verify());
    }

    [Fact]
    public void Another_kind_version_or_fingerprint_is_refused_with_the_command_that_rebuilds()
    {
        Write(_folder["a"], [1, 2, 3], 10);
        foreach (var open in (Func<ArtefactFile>[])
            [
                () => ArtefactFile.Open(_folder["a"], "INDX", 1, "curator index"),
                () => ArtefactFile.Open(_folder["a"], "TEST", 2, "curator index"),
                () => ArtefactFile.Open(_folder["a"], "TEST", 1, "curator index", Records.Hash(2)),
                () => ArtefactFile.Open(_folder["missing"], "TEST", 1, "curator index"),
            ])
            Assert.Contains("curator index", Assert.Throws<ArtefactException>(() => open().Dispose()).NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void Lengths_in_a_header_that_would_overflow_are_refused()
    {
        Write(_folder["a"], [1, 2, 3], 10);
        var bytes = File.ReadAllBytes(_folder["a"]);
        foreach (var length in (long[])[long.MaxValue, long.MaxValue - 7, long.MinValue, -1, 1L << 62, uint.MaxValue])
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(24), length);
            File.WriteAllBytes(_folder["b"], bytes);
            Assert.Throws<ArtefactException>(() => Open("b").Dispose());
        }
    }

    [Fact]
    public unsafe void Payloads_over_two_gibibytes_are_addressed_right()
    {
        // A sparse file: 5 GiB of zeros whose checksums are not looked at, with marks around the 2 and 4 GiB lines.
        const long Length = 5L << 30;
        var header = new ArtefactHeader("TEST", 1, Fingerprint, "{}", Length).ToBytes();
        long[] marks = [int.MaxValue - 1L, 1L + int.MaxValue, uint.MaxValue, 1L + uint.MaxValue, Length - 1];
        using (var stream = File.Create(_folder["big"]))
        {
            stream.Write(header);
            stream.SetLength(header.Length + Length + (ArtefactHeader.BlocksFor(Length) * sizeof(ulong)));
            foreach (var mark in marks)
            {
                stream.Position = header.Length + mark;
                stream.WriteByte((byte)(1 + Array.IndexOf(marks, mark)));
            }

            // Only blocks with a mark get their checksum.
            foreach (var block in marks.Select(mark => mark / ArtefactWriter.BlockBytes).Distinct())
            {
                var bytes = new byte[ArtefactWriter.BlockBytes];
                foreach (var mark in marks.Where(mark => mark / ArtefactWriter.BlockBytes == block))
                    bytes[mark % ArtefactWriter.BlockBytes] = (byte)(1 + Array.IndexOf(marks, mark));
                stream.Position = header.Length + Length + (block * sizeof(ulong));
                stream.Write(BitConverter.GetBytes(ArtefactHeader.BlockChecksum(bytes, ArtefactHeader.ChecksumOf(header), block)));
            }
        }

        using var file = Open("big");
        Assert.Equal(Length, file.Header.PayloadLength);
        foreach (var mark in marks) Assert.Equal((byte)(1 + Array.IndexOf(marks, mark)), file.Payload(mark, 1)[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Payload(Length, 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Payload(Length - 1, 2).Length);
        // A block without its checksum is damaged, wherever it lies.
        Assert.Throws<ArtefactException>(() => file.Payload(3L << 30, 1).Length);
    }

    [Fact]
    public void Many_threads_may_touch_blocks_at_once()
    {
        var payload = Bytes(ArtefactWriter.BlockBytes * 64, 9);
        Write(_folder["a"], payload, 1 << 20);
        using var file = Open("a");
        Parallel.For(0, 2000, i =>
        {
            var at = i * 7919L * 101 % (payload.Length - 100);
            Assert.True(file.Payload(at, 100).SequenceEqual(payload.AsSpan((int)at, 100)));
        });
    }

    [Fact]
    public void Nothing_appears_without_a_commit()
    {
        using (var writer = ArtefactWriter.Create(_folder["a"], "TEST", 1, Fingerprint, "{}", 10)) writer.Write([1, 2]);
        Assert.Empty(Directory.EnumerateFiles(_folder.FullPath));
        using (var writer = ArtefactWriter.Create(_folder["a"], "TEST", 1, Fingerprint, "{}", 10))
        {
            writer.Write([1, 2]);
            Assert.Throws<InvalidOperationException>(writer.Commit);
            Assert.Throws<ArgumentException>(() => writer.Write(new byte[9]));
        }

        Assert.Empty(Directory.EnumerateFiles(_folder.FullPath));
    }

    [Fact]
    public void A_file_can_be_replaced_while_it_is_read()
    {
        Write(_folder["a"], [1, 2, 3], 10);
        using var old = Open("a");
        Write(_folder["a"], [4, 5], 10);
        using var fresh = Open("a");
        Assert.Equal([1, 2, 3], old.Payload(0, 3).ToArray());
        Assert.Equal([4, 5], fresh.Payload(0, 2).ToArray());
    }

    private ArtefactFile Open(string name) => ArtefactFile.Open(_folder[name], "TEST", 1, "curator make");

    private bool IsRefused(string name)
    {
        try
        {
            using var file = ArtefactFile.Open(_folder[name], "TEST", 1, "curator make", Fingerprint);
            return file.Verify().Count > 0;
        }
        catch (ArtefactException)
        {
            return true;
        }
    }

    private static void Write(string path, byte[] payload, int piece)
    {
        using var writer = ArtefactWriter.Create(path, "TEST", 1, Fingerprint, """{"a":"é"}""", payload.Length);
        for (var at = 0; at < payload.Length; at += piece) writer.Write(payload.AsSpan(at, Math.Min(piece, payload.Length - at)));
        writer.Commit();
    }

    private static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static void Swap(byte[] bytes, int a, int b, int length)
    {
        for (var i = 0; i < length; i++) (bytes[a + i], bytes[b + i]) = (bytes[b + i], bytes[a + i]);
    }
}
