using Curator.Learning.Networks;
using Curator.Learning.Training;

namespace Curator.Learning.Methods;

/// <summary>The method of a training's settings.</summary>
internal static class MethodChoice
{
    /// <param name="backbone">Not owned.</param>
    public static IMethod Create(TrainOptions options, Backbone backbone)
    {
        var features = backbone.Plan.Features;
        return options.Method switch
        {
            LearningMethod.Simclr => new SimClr(features, options.Projection, options.Temperature),
            LearningMethod.Simsiam => new SimSiam(features, options.Projection),
            LearningMethod.Byol => new Byol(backbone, options.Projection, options.Momentum),
            LearningMethod.BarlowTwins => new BarlowTwins(features, options.Projection),
            LearningMethod.Vicreg => new VicReg(features, options.Projection),
            LearningMethod.Emp => new Emp(features, options.Projection, options.Patches),
            LearningMethod.FastSiam => new FastSiam(features, options.Projection, options.Patches),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Method, "No such method."),
        };
    }

    /// <summary>
    /// Batch sizes among which a trial may choose: methods that contrast or decorrelate over the batch need many others in it; SimSiam loses little down to 64 (Chen and He 2021, table 2); many
    /// views of each image do with few.
    /// </summary>
    public static (int Least, int Most) Batches(LearningMethod method) => method switch
    {
        LearningMethod.Simsiam => (64, 1024),
        LearningMethod.Emp or LearningMethod.FastSiam => (32, 1024),
        _ => (128, 1024),
    };

    /// <summary>What the loss is called on plots.</summary>
    public static string LossName(LearningMethod method) => method switch
    {
        LearningMethod.Simclr => "NT-Xent loss",
        LearningMethod.Simsiam or LearningMethod.FastSiam => "negative cosine",
        _ => "loss",
    };
}
