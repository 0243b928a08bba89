using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Curator.Learning.Onnx;

/// <summary>
/// Builds an ONNX model, the few messages of it that networks need, straight in Protocol Buffers' wire format. Numbers in comments are the
/// fields of onnx.proto3 (github.com/onnx/onnx, IR version 8, operator set 17). Same calls, same bytes.
/// </summary>
internal sealed class OnnxGraph
{
    private const int Float = 1, UInt8 = 2, Int64 = 7;
    private const long IrVersion = 8, OperatorSet = 17;

    private readonly List<byte[]> _nodes = [];
    private readonly List<byte[]> _weights = [];
    private int _values;

    /// <summary>Adds a node.</summary>
    /// <param name="attributes">Values are long, float or long[].</param>
    /// <returns>The name of its only output.</returns>
    public string Node(string operation, string[] inputs, string? output = null, params (string Name, object Value)[] attributes)
    {
        output ??= $"v{++_values}";
        _nodes.Add(Message(node =>
        {
            foreach (var input in inputs) Text(node, 1, input);
            Text(node, 2, output);
            Text(node, 3, $"{operation}_{_nodes.Count}");
            Text(node, 4, operation);
            foreach (var (name, value) in attributes) Sub(node, 5, Attribute(name, value));
        }));
        return output;
    }

    /// <summary>Adds a constant.</summary>
    /// <returns><paramref name="name"/>.</returns>
    public string Weight(string name, float[] values, params long[] shape) => Constant(name, Float, MemoryMarshal.AsBytes(values.AsSpan()), shape);

    /// <summary>Adds a shape for the operation Reshape; 0 keeps the dimension that is there.</summary>
    /// <returns><paramref name="name"/>.</returns>
    public string Shape(string name, params long[] shape) => Constant(name, Int64, MemoryMarshal.AsBytes(shape.AsSpan()), [shape.Length]);

    /// <summary>The model with one byte input [N, ...] and one float output [N, ...].</summary>
    public byte[] Build(string name, string input, long[] inputShape, string output, long[] outputShape)
    {
        var graph = Message(message =>
        {
            foreach (var node in _nodes) Sub(message, 1, node);
            Text(message, 2, name);
            foreach (var weight in _weights) Sub(message, 5, weight);
            Sub(message, 11, ValueInfo(input, UInt8, inputShape));
            Sub(message, 12, ValueInfo(output, Float, outputShape));
        });
        return Message(model =>
        {
            Number(model, 1, IrVersion);
            Text(model, 2, "Curator");
            Sub(model, 7, graph);
            Sub(model, 8, Message(set => Number(set, 2, OperatorSet)));
        });
    }

    private string Constant(string name, int elementType, ReadOnlySpan<byte> bytes, long[] shape)
    {
        var content = ByteString.CopyFrom(bytes);
        _weights.Add(Message(tensor =>
        {
            foreach (var side in shape) Number(tensor, 1, side);
            Number(tensor, 2, elementType);
            Text(tensor, 8, name);
            tensor.WriteTag(9, WireFormat.WireType.LengthDelimited);
            tensor.WriteBytes(content);
        }));
        return name;
    }

    private static byte[] Attribute(string name, object value) => Message(attribute =>
    {
        Text(attribute, 1, name);
        switch (value)
        {
            case float single:
                attribute.WriteTag(2, WireFormat.WireType.Fixed32);
                attribute.WriteFloat(single);
                Number(attribute, 20, 1);
                break;
            case long number:
                Number(attribute, 3, number);
                Number(attribute, 20, 2);
                break;
            case long[] numbers:
                foreach (var number in numbers) Number(attribute, 8, number);
                Number(attribute, 20, 7);
                break;
            default:
                throw new ArgumentException($"An attribute cannot be a {value.GetType()}.", nameof(value));
        }
    });

    /// <summary>The first dimension is the batch and has no fixed size.</summary>
    private static byte[] ValueInfo(string name, int elementType, long[] shape) => Message(value =>
    {
        Text(value, 1, name);
        Sub(value, 2, Message(type => Sub(type, 1, Message(tensor =>
        {
            Number(tensor, 1, elementType);
            Sub(tensor, 2, Message(dimensions =>
            {
                Sub(dimensions, 1, Message(dimension => Text(dimension, 2, "N")));
                foreach (var side in shape) Sub(dimensions, 1, Message(dimension => Number(dimension, 1, side)));
            }));
        }))));
    });

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var coded = new CodedOutputStream(stream, leaveOpen: true)) write(coded);
        return stream.ToArray();
    }

    private static void Number(CodedOutputStream stream, int field, long value)
    {
        stream.WriteTag(field, WireFormat.WireType.Varint);
        stream.WriteInt64(value);
    }

    private static void Text(CodedOutputStream stream, int field, string value)
    {
        stream.WriteTag(field, WireFormat.WireType.LengthDelimited);
        stream.WriteString(value);
    }

    private static void Sub(CodedOutputStream stream, int field, byte[] message)
    {
        stream.WriteTag(field, WireFormat.WireType.LengthDelimited);
        stream.WriteBytes(ByteString.CopyFrom(message));
    }
}
