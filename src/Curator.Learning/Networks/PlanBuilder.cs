namespace Curator.Learning.Networks;

/// <summary>Writes a <see cref="NetworkPlan"/> step by step; keeps which value is current and how many channels it has.</summary>
internal sealed class PlanBuilder(int channels)
{
    private readonly List<Layer> _layers = [];

    /// <summary>The value made last.</summary>
    public int Value => _layers.Count;

    public int Channels { get; private set; } = channels;

    public PlanBuilder Convolution(string name, int outChannels, int kernel, int stride, bool endsBlock = false) =>
        ConvolutionFrom(Value, Channels, name, outChannels, kernel, stride, endsBlock);

    public PlanBuilder ConvolutionFrom(int value, int inChannels, string name, int outChannels, int kernel, int stride, bool endsBlock = false)
    {
        _layers.Add(new Layer(LayerKind.ConvolutionNorm, name, value, 0, inChannels, outChannels, kernel, stride, kernel / 2, endsBlock));
        Channels = outChannels;
        return this;
    }

    public PlanBuilder Relu() => Same(LayerKind.Relu, 0);

    public PlanBuilder Add(int other) => Same(LayerKind.Add, other);

    public PlanBuilder MaxPool(int kernel, int stride)
    {
        _layers.Add(new Layer(LayerKind.MaxPool, "", Value, 0, Channels, Channels, kernel, stride, kernel / 2));
        return this;
    }

    public NetworkPlan Build(string architecture, int width)
    {
        Same(LayerKind.GlobalAverage, 0);
        return new NetworkPlan(architecture, width, _layers);
    }

    private PlanBuilder Same(LayerKind kind, int second)
    {
        _layers.Add(new Layer(kind, "", Value, second, Channels, Channels));
        return this;
    }
}
