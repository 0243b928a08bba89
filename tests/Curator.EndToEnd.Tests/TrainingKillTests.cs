namespace Curator.EndToEnd.Tests;

/// <summary>Training, killed with kill -9 at random points or stopped by Ctrl-C.</summary>
[Trait("Category", "Slow")]
public sealed class TrainingKillTests
{
    /// <summary>60 steps; one thread and single precision, so that the same seed gives the same bytes.</summary>
    private static readonly string[] TrainLine =
    [
        "train", "--architecture", "small-cnn", "--width", "16", "--embedding-size", "32", "--image-size", "64", "--batch-size", "32", "--budget", "1920",
        "--threads", "1", "--precision", "fp32", "--every-steps", "5", "--seed", "3",
    ];

    [Fact]
    public async Task Training_killed_anywhere_ends_in_the_weights_of_an_undisturbed_run_bit_by_bit()
    {
        using var project = await ScratchProject.CreateAsync(256);
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        var (undisturbed, time) = await Kills.UndisturbedAsync(project, TrainLine);
        var weights = ScratchProject.HashOf(undisturbed, "weights.safetensors");

        await Kills.ScatterAsync(project, TrainLine, time, seed: 3, root => Task.FromResult(Kills.WorkIn("train-*")(root)), async root =>
        {
            Assert.Equal(weights, ScratchProject.HashOf(root, "weights.safetensors"));
            await using var workspace = await ScratchProject.OpenAsync(root);
            Assert.Equal("simclr@1", Assert.Single(await workspace.Catalog.GetEncodersAsync(CancellationToken.None)).Id);
        });
    }

    [Fact]
    public async Task Training_stopped_by_Ctrl_C_ends_with_130_and_the_same_command_goes_on_to_the_same_weights()
    {
        using var project = await ScratchProject.CreateAsync(256);
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        var (undisturbed, _) = await Kills.UndisturbedAsync(project, TrainLine);
        await using (var training = CuratorProcess.Start(project.Root, TrainLine))
        {
            await Kills.UntilAsync(() => Kills.WorkIn("train-*")(project.Root));
            training.Interrupt();
            var stopped = (await training.EndAsync()).Expect(130);
            Assert.Equal("", stopped.Output);
            Assert.Contains("run the same command again", stopped.Error, StringComparison.Ordinal);
        }
        Assert.Empty(Directory.EnumerateFiles(project.Root, "weights.safetensors", SearchOption.AllDirectories));
        (await project.RunAsync(TrainLine)).Expect(0);
        Assert.Equal(ScratchProject.HashOf(undisturbed, "weights.safetensors"), ScratchProject.HashOf(project.Root, "weights.safetensors"));
    }
}
