using Curator.Learning.Native;
using Curator.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Curator.Learning.Training;

/// <summary>
/// One backbone on several devices of a process. Each device computes the features of its share of the images; the features are gathered on the leading device, where the
/// method's loss sees all of them (so every image is every other's negative, as on one device); the loss's gradient by the features goes back, and the weights' gradients of all devices are added
/// up on the leading one, which alone has an optimizer. The gradient is that of one device whose batch norms count each share on its own. Used by one thread; owns the copies, not the leading backbone.
/// </summary>
internal sealed class Replicas : IDisposable
{
    private readonly Backbone _leader;
    private readonly ComputeDevice _leading;
    private readonly ComputeDevice[] _devices;
    private readonly Backbone[] _copies;
    private readonly bool _bfloat16;
    private Tensor[] _features = [];
    private Tensor[] _rows = [];

    /// <param name="leader">Already on <paramref name="leading"/> and in the memory order of the arithmetic.</param>
    /// <param name="others">Where the copies live; a device may be named twice.</param>
    public Replicas(Backbone leader, ComputeDevice leading, IReadOnlyList<ComputeDevice> others, bool bfloat16)
    {
        (_leader, _leading, _devices, _bfloat16) = (leader, leading, [leading, .. others], bfloat16);
        _copies = [.. others.Select(device =>
        {
            var copy = new Backbone(leader.Plan);
            if (bfloat16) copy.UseChannelsLast();
            if (device.IsCuda) copy.to(device.Device);
            return copy;
        })];
        TakeWeights();
    }

    /// <summary>Features of one network in the training's arithmetic, as single precision; the caller disposes.</summary>
    public static Tensor Forward(Backbone backbone, Tensor views, ComputeDevice device, bool bfloat16)
    {
        using var scope = NewDisposeScope();
        Tensor features;
        using (bfloat16 ? NativeContext.BeginBFloat16(device) : default) features = backbone.forward(views); // [V·B, F]
        return features.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>Features of all views, gathered on the leading device, cut off from the networks so that <see cref="Backward"/> can go on from their gradient.</summary>
    /// <param name="views">[V·B, C, S, S] on the leading device; row v·B + i is view v of image i.</param>
    /// <param name="images">B.</param>
    /// <returns>[V·B, F] in the same order, a leaf that wants a gradient; the caller disposes.</returns>
    public Tensor Forward(Tensor views, int images)
    {
        Release();
        _rows = Shares(views.shape[0], images);
        _features = new Tensor[_devices.Length];
        var shares = _rows.Select(rows => views.index_select(0, rows)).ToArray();
        foreach (var copy in _copies) copy.train();
        // Scopes and bfloat16 regions belong to a thread: each device's part lives on one.
        Parallel.For(0, _devices.Length, new ParallelOptions { MaxDegreeOfParallelism = _devices.Length }, i =>
        {
            using var scope = NewDisposeScope();
            var share = shares[i].to(_devices[i].Device);
            _features[i] = Forward(i == 0 ? _leader : _copies[i - 1], _bfloat16 ? ChannelsLast.Of(share) : share, _devices[i], _bfloat16).DetachFromDisposeScope();
        });
        foreach (var share in shares) share.Dispose();

        using var outer = NewDisposeScope();
        var gathered = zeros([views.shape[0], _leader.Plan.Features], device: _leading.Device);
        for (var i = 0; i < _devices.Length; i++) gathered.index_copy_(0, _rows[i], _features[i].detach().to(_leading.Device));
        return gathered.requires_grad_(true).MoveToOuterDisposeScope();
    }

    /// <summary>Adds every device's gradient of the weights to the leading backbone's.</summary>
    /// <param name="gradient">[V·B, F], of the loss by what <see cref="Forward(Tensor, int)"/> gave.</param>
    public void Backward(Tensor gradient)
    {
        var parts = _rows.Select(rows => gradient.index_select(0, rows)).ToArray();
        Parallel.For(0, _devices.Length, new ParallelOptions { MaxDegreeOfParallelism = _devices.Length }, i =>
        {
            using var scope = NewDisposeScope();
            _features[i].backward([parts[i].to(_devices[i].Device)]);
        });
        foreach (var part in parts) part.Dispose();
        Release();

        using var outer = NewDisposeScope();
        using var noGradient = no_grad();
        var leading = _leader.named_parameters().Select(pair => pair.parameter).ToArray();
        foreach (var copy in _copies)
            foreach (var (own, theirs) in leading.Zip(copy.named_parameters().Select(pair => pair.parameter)))
            {
                if (theirs.grad is not { } other) continue;
                own.grad!.Increase(other.to(_leading.Device));
                other.zero_();
            }
    }

    /// <summary>Gives all copies the leading backbone's weights, after the optimizer's step or a restored checkpoint.</summary>
    public void TakeWeights()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var copy in _copies)
            foreach (var (to, from) in copy.named_parameters().Select(pair => pair.parameter).Zip(_leader.named_parameters().Select(pair => pair.parameter)))
                to.copy_(from);
    }

    public void Dispose()
    {
        Release();
        foreach (var copy in _copies) copy.Dispose();
    }

    /// <summary>Row numbers of each device's images in all views, on the leading device: image i belongs to one device with all of its views.</summary>
    private Tensor[] Shares(long rows, int images)
    {
        var views = rows / images;
        return [.. Enumerable.Range(0, _devices.Length).Select(device =>
        {
            var (first, end) = ((long)images * device / _devices.Length, (long)images * (device + 1) / _devices.Length);
            long[] own = [.. Enumerable.Range(0, (int)views).SelectMany(view => Enumerable.Range(0, (int)(end - first)).Select(i => (view * (long)images) + first + i))];
            return _leading.Upload(own, own.Length).DetachFromDisposeScope();
        })];
    }

    private void Release()
    {
        foreach (var tensor in _features) tensor?.Dispose();
        foreach (var tensor in _rows) tensor.Dispose();
        (_features, _rows) = ([], []);
    }
}
