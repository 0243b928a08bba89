using Curator.Learning.Networks;
using static TorchSharp.torch;

namespace Curator.Learning.Methods;

/// <summary>A projector with a predictor behind it, as one module. Owns both.</summary>
internal sealed class PredictedHead : nn.Module
{
    public PredictedHead(int features, int projection)
        : base("head")
    {
        Projector = new Mlp("projector", [features, features, projection], lastNorm: true);
        // A bottleneck: Chen and He 2021, section 3, "Baseline settings".
        Predictor = new Mlp("predictor", [projection, Math.Max(8, projection / 4), projection], lastNorm: false);
        register_module("projector", Projector);
        register_module("predictor", Predictor);
    }

    public Mlp Projector { get; }

    public Mlp Predictor { get; }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Projector.Dispose();
            Predictor.Dispose();
        }
        base.Dispose(disposing);
    }
}
