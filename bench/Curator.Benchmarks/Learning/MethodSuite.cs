using Curator.Core.Images;
using Curator.Learning.Training;

namespace Curator.Benchmarks.Learning;

/// <summary>
/// Methods side by side at about the same processor time: k-NN accuracy on pictures that none has learned from. The number of images follows from the cost of a method's views, measured in pixels.
/// Options: <c>--data DIR --budget 15000 --seeds 1 --methods simclr,emp [--width 16 --batch 128 --cache DIR]</c>.
/// </summary>
internal static class MethodSuite
{
    public static void Run(Arguments arguments) => RunAsync(arguments, CancellationToken.None).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        await using var project = await LearningProject.OpenAsync(arguments, "learning-methods", cancellationToken);
        var held = arguments.Get("judged", 300);
        var judged = project.ByClass.SelectMany((images, c) => images.Take(held).Select(image => (image, c))).ToDictionary(pair => pair.image, pair => pair.c);
        ImageId[] learned = [.. project.ByClass.SelectMany(images => images.Skip(held))];
        var budget = arguments.Get("budget", 15_000);
        using var log = new RunLog("learning-methods", arguments);
        foreach (var seed in arguments.GetList("seeds", 1))
            foreach (var name in arguments.Get("methods", "simclr,simsiam,byol,barlow-twins,vicreg,emp,fast-siam").Split(','))
            {
                var method = Enum.Parse<LearningMethod>(name.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
                // Six patches of a quarter of the area cost three quarters of two whole views; BYOL's copy half as much again.
                var share = method switch { LearningMethod.Emp or LearningMethod.FastSiam => 4.0 / 3, LearningMethod.Byol => 0.75, _ => 1 };
                var options = LearningProject.Options(arguments) with { Name = $"{name}-{seed}", Method = method, Budget = (long)(budget * share), Seed = seed };
                var before = ThreadClock.ProcessSeconds;
                var encoder = await project.TrainAsync(options, learned, cancellationToken);
                var seconds = ThreadClock.ProcessSeconds - before;
                var report = await project.JudgeAsync(encoder.Id, judged, cancellationToken);
                log.Add(("method", name), ("seed", seed), ("images", options.Budget!.Value), ("processorSeconds", seconds), ("knn", report.Votes!.Accuracy), ("uniformity", report.Uniformity), ("rank", report.EffectiveRank ?? 0));
            }
    }
}
