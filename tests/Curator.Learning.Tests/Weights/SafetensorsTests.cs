using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Curator.Core;
using Curator.Learning.Weights;

namespace Curator.Learning.Tests.Weights;

public sealed class SafetensorsTests
{
    [Fact]
    public void What_is_written_is_read_again_bit_for_bit() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 5], Gen.Int[1, 4]).SelectMany((a, b, count) => Gen.Float.Array[a * b].Array[count].Select(values => (a, b, values)))
            .Sample(t =>
            {
                var tensors = t.values.Select((values, i) => new NamedTensor($"layer.{i}", [t.a, t.b], values)).ToArray();

                var read = Safetensors.Read(Safetensors.ToBytes(tensors));

                Assert.Equal(tensors.Select(tensor => tensor.Name), read.Select(tensor => tensor.Name));
                foreach (var (expected, actual) in tensors.Zip(read))
                {
                    Assert.Equal(expected.Shape, actual.Shape);
                    Assert.Equal(expected.Values.Select(BitConverter.SingleToInt32Bits), actual.Values.Select(BitConverter.SingleToInt32Bits));
                }
            }, iter: 200);

    [Fact]
    public void Half_and_bfloat_and_double_are_read_as_single()
    {
        byte[] data = [0x00, 0x3e, 0xc0, 0x3f, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f];
        var file = File("""{"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[2,4]},"d":{"dtype":"F64","shape":[],"data_offsets":[4,12]}}""", data);

        Assert.Equal([1.5f, 1.5f, 1.5f], Safetensors.Read(file).Select(tensor => tensor.Values[0]));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":"x","data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":7}""")]
    [InlineData("""[]""")]
    public void A_header_that_lies_is_refused(string header) =>
        Assert.Throws<InvalidDataException>(() => Safetensors.Read(File(header, new byte[8])));

    [Fact]
    public void A_header_length_beyond_the_file_is_refused_before_anything_is_allocated()
    {
        var file = new byte[16];
        foreach (var length in new[] { 9UL, 1UL << 31, ulong.MaxValue })
        {
            BinaryPrimitives.WriteUInt64LittleEndian(file, length);
            Assert.Throws<InvalidDataException>(() => Safetensors.Read(file));
        }
    }

    [Fact]
    public void Every_truncation_of_a_file_is_an_error_that_names_the_next_step()
    {
        using var folder = new TemporaryFolder();
        var whole = Safetensors.ToBytes([new NamedTensor("a", [3], [1, 2, 3])]);
        for (var length = 0; length < whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(folder["cut.safetensors"], whole[..length]);
            var error = Assert.Throws<CheckpointException>(() => Safetensors.Read(folder["cut.safetensors"]));
            Assert.Contains("curator train", error.NextStep, StringComparison.Ordinal);
        }
    }

    private static byte[] File(string header, byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, Encoding.UTF8.GetByteCount(header));
        return [.. length, .. Encoding.UTF8.GetBytes(header), .. data];
    }
}
