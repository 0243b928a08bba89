using System.Runtime.InteropServices;
using Curator.Core;
using Curator.Learning.Native;
using Curator.Learning.Networks;
using Curator.Learning.Training;
using static TorchSharp.torch;

namespace Curator.Learning.Encoders;

/// <summary>
/// A network of ours run by libtorch, on the processor one thread a call, in batches of a fixed size (the last one filled up). Whitening and length are single precision as in <c>model.onnx</c>.
/// Thread-safe. Sets libtorch's threads to one. docs/decisions/0270-embedding-in-bfloat16.md.
/// </summary>
internal sealed class TorchEncoder : IImageEncoder
{
    private readonly NetworkComputation _computation;
    private readonly ComputeDevice _device;
    private readonly int _batch;
    private readonly IFeatureNetwork _network;
    private readonly PixelScale _scale;
    private readonly Tensor _matrix; // [D, F]
    private readonly Tensor _shift; // [D]

    /// <exception cref="WorkspaceException">No such device here, or it computes this network wrongly.</exception>
    /// <exception cref="CheckpointException">Weights and card do not fit each other.</exception>
    public TorchEncoder(NetworkWeights weights, Whitening whitening, NetworkComputation computation)
    {
        Card = weights.Encoder.Card;
        Dimension = whitening.Dimension;
        if (Dimension != Card.LearnedDimension || Card.Mean.Count != weights.Plan.Channels || Card.Deviation.Count != weights.Plan.Channels || Card.Channels != weights.Plan.Channels)
            throw new CheckpointException(
                $"The card of {Card.Id} tells of {Card.LearnedDimension} numbers from pictures of {Card.Channels} channels; the weights give {Dimension} from {weights.Plan.Channels}.",
                "Copy the encoder's folder again, or train it again with 'curator train'.");
        _computation = computation;
        _batch = computation.BatchSize(ImageSize);
        _device = computation.Resolve(weights.Plan, Card.ImageSize);
        using var scope = NewDisposeScope();
        using var backbone = new Backbone(weights.Plan);
        TensorTable.Load(weights.Tensors, TensorTable.Of("", backbone));
        _network = computation.IsFused ? new FusedNetwork(backbone, _batch, ImageSize) : new FoldedNetwork(backbone, _device, computation.Arithmetic);
        _scale = new PixelScale(Card.Mean, Card.Deviation);
        _matrix = _device.Upload(whitening.Matrix, Dimension, whitening.Features).DetachFromDisposeScope();
        _shift = _device.Upload(whitening.Shift, Dimension).DetachFromDisposeScope();
    }

    public EncoderCard Card { get; }

    /// <summary>Length of the network's own output; a joined encoder's card has more.</summary>
    public int Dimension { get; }

    public int ImageSize => Card.ImageSize;

    public void Encode(ReadOnlySpan<byte> pixels, int count, Span<float> embeddings)
    {
        EncoderArguments.Check(this, pixels, count, embeddings);
        // The callers' threads are the parallel ones; those of a tensor operation would only wait for one another.
        TorchRuntime.SetThreads(1);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var pictureBytes = ImageSize * ImageSize * Card.Channels;
        var input = empty([_batch, ImageSize, ImageSize, Card.Channels], FoldedConvolution.Type(_computation.Arithmetic));
        for (var first = 0; first < count; first += _batch)
        {
            var pictures = Math.Min(_batch, count - first);
            Fill(input, pixels.Slice(first * pictureBytes, pictures * pictureBytes));
            var rows = embeddings.Slice(first * Dimension, pictures * Dimension);
            Run(input, rows);
            for (var i = 0; i < pictures; i++) UnitLength.Normalise(rows.Slice(i * Dimension, Dimension));
        }
    }

    private void Fill(Tensor input, ReadOnlySpan<byte> pixels)
    {
        var numbers = input.bytes;
        var size = numbers.Length / (int)input.numel();
        var used = numbers[..(pixels.Length * size)];
        if (_computation.BFloat16) _scale.ToBFloat16(pixels, used);
        else _scale.ToSingle(pixels, used);
        numbers[used.Length..].Clear();
    }

    /// <param name="input">[B, S, S, C].</param>
    /// <param name="rows">[n, D], n at most B: the first rows of the result.</param>
    private void Run(Tensor input, Span<float> rows)
    {
        using var scope = NewDisposeScope();
        var pictures = input.to(_device.Device).permute(0, 3, 1, 2); // [B, C, S, S], channels last
        if (!_computation.BFloat16) pictures = pictures.contiguous();
        var features = _network.Forward(pictures); // [B, F]
        var embedded = nn.functional.linear(features, _matrix, _shift).cpu(); // [B, D]
        MemoryMarshal.Cast<byte, float>(embedded.bytes)[..rows.Length].CopyTo(rows);
    }

    public void Dispose()
    {
        _network.Dispose();
        _matrix.Dispose();
        _shift.Dispose();
    }
}
