using Curator.Core.Images;
using Curator.Learning.Supervised;

namespace Curator.Benchmarks.Learning;

/// <summary>
/// Accuracy against labels a class on pictures that decide nothing: the network that has learned without labels, tuned; a linear head on it; and the same network from random weights, with the same
/// number of pictures shown. Options: <c>--data DIR --budget 30000 --labels 10,50,100,500 --tune-images 15000 --seeds 1 [--width 16 --batch 128 --cache DIR]</c>.
/// </summary>
internal static class FewLabelSuite
{
    public static void Run(Arguments arguments) => RunAsync(arguments, CancellationToken.None).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        await using var project = await LearningProject.OpenAsync(arguments, "learning-labels", cancellationToken);
        var held = arguments.Get("judged", 150);
        var options = LearningProject.Options(arguments) with { Name = "few-labels", Budget = arguments.Get("budget", 30_000) };
        ImageId[] learned = [.. project.ByClass.SelectMany(images => images.Skip(held))];
        using var log = new RunLog("learning-labels", arguments);
        var encoder = await project.TrainAsync(options, learned, cancellationToken);
        LabeledImage[] test = [.. project.ByClass.SelectMany((images, c) => images.Take(held).Select(image => new LabeledImage(image, c)))];
        foreach (var seed in arguments.GetList("seeds", 1))
            foreach (var labels in arguments.GetList("labels", 10, 50, 100, 500))
            {
                LabeledImage[] known = [.. project.ByClass.SelectMany((images, c) => images.Skip(held + ((seed - 1) * 17)).Take(labels).Select(image => new LabeledImage(image, c)))];
                var tune = new FineTuneOptions
                {
                    Name = $"tuned-{labels}-{seed}", Architecture = options.Architecture, Width = options.Width, Seed = seed, Threads = options.Threads, TuneImages = arguments.Get("tune-images", 15_000),
                };
                var before = ThreadClock.ProcessSeconds;
                var tuned = await FineTuning.RunAsync(project.Workspace, tune with { From = encoder.Id }, "eurosat", project.Classes, known, null, cancellationToken, test);
                var middle = ThreadClock.ProcessSeconds;
                var scratch = await FineTuning.RunAsync(project.Workspace, tune with { Name = $"scratch-{labels}-{seed}" }, "eurosat", project.Classes, known, null, cancellationToken, test);
                log.Add(
                    ("labelsPerClass", labels), ("seed", seed), ("tuned", tuned.TestAccuracy), ("linear", tuned.HeadTestAccuracy), ("scratch", scratch.TestAccuracy), ("tunedSeconds", middle - before),
                    ("scratchSeconds", ThreadClock.ProcessSeconds - middle));
            }
    }
}
