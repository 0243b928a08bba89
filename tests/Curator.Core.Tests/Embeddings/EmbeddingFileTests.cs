using System.Text;
using CsCheck;
using Curator.Core.Embeddings;

namespace Curator.Core.Tests.Embeddings;

public sealed class EmbeddingFileTests : IDisposable
{
    private static readonly string Fingerprint = EmbeddingFingerprint.Of(Records.Hash(1), Records.Hash(2), EmbeddingPrecision.Half);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_read_back_rounded_to_the_precision()
    {
        var number = 0;
        Gen.Select(Gen.Int[0, 200], Gen.Int[1, 130], Gen.Bool, Gen.Int).Sample((rows, dimension, half, seed) =>
        {
            var precision = half ? EmbeddingPrecision.Half : EmbeddingPrecision.Single;
            var path = _folder[$"e{Interlocked.Increment(ref number)}"];
            var values = Values(rows * dimension, seed);
            Write(path, values, rows, dimension, precision);
            using var file = EmbeddingFile.Open(path, expectedFingerprint: Fingerprint);
            Assert.Equal((rows, dimension, precision), ((int)file.Rows, file.Dimension, file.Precision));
            var read = new float[values.Length];
            file.Read(0, read);
            Assert.Equal(half ? values.Select(value => (float)(Half)value) : values, read);
            if (rows > 3)
            {
                var middle = new float[2 * dimension];
                file.Read(1, middle);
                Assert.Equal(read.AsSpan(dimension, 2 * dimension).ToArray(), middle);
            }

            File.Delete(path);
        }, iter: 100);
    }

    [Fact]
    public void In_place_rows_are_the_stored_ones_and_of_one_precision_only()
    {
        Write(_folder["h"], [1, 2, 3, 4], 2, 2, EmbeddingPrecision.Half);
        Write(_folder["s"], [1, 2, 3, 4], 2, 2, EmbeddingPrecision.Single);
        using var half = EmbeddingFile.Open(_folder["h"]);
        using var single = EmbeddingFile.Open(_folder["s"]);
        Assert.Equal([(Half)3, (Half)4], half.HalfRows(1, 1).ToArray());
        Assert.Equal([3f, 4f], single.SingleRows(1, 1).ToArray());
        Assert.Throws<InvalidOperationException>(() => half.SingleRows(0, 1).Length);
        Assert.Throws<InvalidOperationException>(() => single.HalfRows(0, 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => half.HalfRows(1, 2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => half.Read(2, new float[2]));
    }

    [Theory]
    [InlineData(float.NaN, EmbeddingPrecision.Single)]
    [InlineData(float.PositiveInfinity, EmbeddingPrecision.Single)]
    [InlineData(float.NegativeInfinity, EmbeddingPrecision.Half)]
    [InlineData(70_000f, EmbeddingPrecision.Half)]
    public void Values_that_are_not_finite_when_stored_are_refused(float value, EmbeddingPrecision precision)
    {
        using var writer = EmbeddingWriter.Create(_folder["e"], 3, 2, precision, Fingerprint);
        writer.Append([1, 2]);
        var error = Assert.Throws<EmbeddingStoreException>(() => writer.Append([1, 2, 3, value]));
        Assert.Contains("row 2", error.WhatHappened, StringComparison.Ordinal);
        writer.Append([1, 2, 3, 4]);
        writer.Commit();
    }

    [Fact]
    public void A_row_of_zeros_is_absent()
    {
        Write(_folder["e"], [0, 0, 0, 0.5f, 0, 0], 3, 2, EmbeddingPrecision.Half);
        using var file = EmbeddingFile.Open(_folder["e"]);
        Assert.Equal([true, false, true], Enumerable.Range(0, 3).Select(row => file.IsAbsent(row)));
    }

    [Fact]
    public void Every_truncation_and_every_flipped_bit_is_found_as_an_error_of_embeddings()
    {
        Write(_folder["whole"], Values(8_000, 3), 250, 32, EmbeddingPrecision.Half);
        var bytes = File.ReadAllBytes(_folder["whole"]);
        for (var i = 0; i < 1000; i++)
        {
            File.WriteAllBytes(_folder["cut"], bytes.AsSpan(0, (int)((long)i * bytes.Length / 1000)));
            Assert.Throws<EmbeddingStoreException>(() => EmbeddingFile.Open(_folder["cut"]).Dispose());
        }

        var random = new Random(17);
        for (var i = 0; i < 2000; i++)
        {
            var (at, bit) = (i < 256 ? i : random.Next(bytes.Length), random.Next(8));
            bytes[at] ^= (byte)(1 << bit);
            File.WriteAllBytes(_folder["flipped"], bytes);
            bytes[at] ^= (byte)(1 << bit);
            Assert.Throws<EmbeddingStoreException>(() =>
            {
                using var file = EmbeddingFile.Open(_folder["flipped"], expectedFingerprint: Fingerprint);
                file.Read(0, new float[8_000]);
            });
        }
    }

    [Fact]
    public void A_file_of_another_encoder_is_refused_with_the_command_that_rebuilds()
    {
        Write(_folder["e"], [1, 2], 1, 2, EmbeddingPrecision.Half);
        var error = Assert.Throws<EmbeddingStoreException>(
            () => EmbeddingFile.Open(_folder["e"], "curator embed --encoder simclr", Records.Hash(9)).Dispose());
        Assert.Contains("curator embed --encoder simclr", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void A_computation_is_kept_in_the_file_and_the_usual_one_leaves_no_trace()
    {
        Write(_folder["usual"], [1, 2], 1, 2, EmbeddingPrecision.Half);
        using (var writer = EmbeddingWriter.Create(_folder["other"], 1, 2, EmbeddingPrecision.Half, Fingerprint, "bf16-cpu"))
        {
            writer.Append([1, 2]);
            writer.Commit();
        }

        using EmbeddingFile usual = EmbeddingFile.Open(_folder["usual"]), other = EmbeddingFile.Open(_folder["other"]);
        Assert.Equal(("", "bf16-cpu"), (usual.Computation, other.Computation));
        Assert.DoesNotContain("computation", Encoding.UTF8.GetString(File.ReadAllBytes(_folder["usual"])), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => EmbeddingWriter.Create(_folder["bad"], 1, 2, EmbeddingPrecision.Half, Fingerprint, "a\nb"));
    }

    [Fact]
    public void Fingerprints_differ_by_encoder_images_precision_and_computation() =>
        Assert.Equal(6, new HashSet<string>
        {
            Fingerprint,
            EmbeddingFingerprint.Of(Records.Hash(1), Records.Hash(2), EmbeddingPrecision.Single),
            EmbeddingFingerprint.Of(Records.Hash(2), Records.Hash(1), EmbeddingPrecision.Half),
            EmbeddingFingerprint.Of(Records.Hash(1), Records.Hash(3), EmbeddingPrecision.Half),
            EmbeddingFingerprint.Of(Records.Hash(1), Records.Hash(2), EmbeddingPrecision.Half, "bf16-cpu"),
            EmbeddingFingerprint.Of(Records.Hash(1), Records.Hash(2), EmbeddingPrecision.Half, "bf16-cuda"),
        }.Count);

    private static void Write(string path, float[] values, int rows, int dimension, EmbeddingPrecision precision)
    {
        using var writer = EmbeddingWriter.Create(path, rows, dimension, precision, Fingerprint);
        for (var at = 0; at < values.Length; at += dimension * 7) writer.Append(values.AsSpan(at, Math.Min(dimension * 7, values.Length - at)));
        writer.Commit();
    }

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 20) - 10)).ToArray();
    }
}
