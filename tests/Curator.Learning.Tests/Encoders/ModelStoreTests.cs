using System.Diagnostics;
using Curator.Core;
using Curator.Core.Labels;
using Curator.Core.Shards;
using Curator.Learning.Embedding;
using Curator.Learning.Encoders;
using Curator.Learning.Networks;
using Curator.Learning.Tests.Support;
using Curator.Learning.Training;

namespace Curator.Learning.Tests.Encoders;

[Collection(TorchTests.Name)]
public sealed class ModelStoreTests
{
    private const string Python = "/usr/bin/python3";

    private static readonly TrainOptions Options = new()
    {
        Architecture = Architecture.SmallCnn, Width = 16, BatchSize = 8, Projection = 16, EmbeddingSize = 16, Threads = 1, Precision = TrainingPrecision.Fp32, Budget = 32,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_encoder_in_use_stays_and_an_unused_one_goes_for_good()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder);
        var store = new EncoderStore(workspace);
        var row = await Curator.Learning.Training.Training.TrainAsync(workspace, Options, new PoolEngine(1), null, Cancel);
        await Curator.Learning.Embedding.Embedding.EmbedAsync(workspace, new EmbedOptions(), new PoolEngine(1), null, Cancel);

        var embedded = await Assert.ThrowsAsync<WorkspaceException>(() => store.RemoveAsync(row.Id, withEmbeddings: false, Cancel));
        Assert.Contains("--with-embeddings", embedded.NextStep, StringComparison.Ordinal);
        await workspace.Labels.GetOrAddTaskAsync(new LabelingTask("t", "?", ["yes", "no"], null, row.Id, "", DateTimeOffset.UnixEpoch), Cancel);
        var used = await Assert.ThrowsAsync<WorkspaceException>(() => store.RemoveAsync(row.Id, withEmbeddings: true, Cancel));
        Assert.Contains("task 't'", used.Message, StringComparison.Ordinal);
        await workspace.Labels.SetTaskEncoderAsync("t", (await store.EnsureStatisticsAsync(Cancel)).Id, Cancel);

        await store.RemoveAsync(row.Id, withEmbeddings: true, Cancel);

        Assert.False(Directory.Exists(Path.Combine(workspace.Root, "encoders", row.Id)));
        var partition = Assert.Single(await workspace.Catalog.GetPartitionsAsync(Cancel));
        Assert.False(File.Exists(workspace.EmbeddingPath(partition, row.Id)));
        var next = await Curator.Learning.Training.Training.TrainAsync(workspace, Options with { Seed = 9 }, new PoolEngine(1), null, Cancel);
        Assert.Equal("simclr@2", next.Id);
    }

    [Theory]
    [InlineData(Architecture.SmallCnn, 16)]
    [InlineData(Architecture.Resnet18, 16)]
    public async Task An_exported_encoder_gives_the_same_numbers_in_PyTorch(Architecture architecture, int width)
    {
        Assert.SkipUnless(File.Exists(Python) && await RunAsync("import torch") is not null, $"{Python} has no torch.");
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder);
        var row = await Curator.Learning.Training.Training.TrainAsync(
            workspace, Options with { Architecture = architecture, Width = width, JoinStatistics = false }, new PoolEngine(1), null, Cancel);

        var exported = await EncoderExport.RunAsync(workspace, row.Id, folder["out"], Cancel);

        Assert.InRange(exported.Agreement!.Value, 0.9999, 1.00001);
        var pixels = Pictures.Batch(3, 64);
        File.WriteAllBytes(folder["pixels.bin"], pixels);
        var text = await RunAsync($"""
            import sys; sys.path.insert(0, r"{folder["out"]}")
            import numpy, torch
            from encoder import Encoder
            pixels = torch.from_numpy(numpy.fromfile(r"{folder["pixels.bin"]}", dtype="u1").reshape(3, 64, 64, 3))
            print(" ".join(repr(x) for x in Encoder(r"{folder["out"]}")(pixels).flatten().tolist()))
            """);
        var theirs = text!.Split(' ').Select(value => double.Parse(value, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        using var encoder = await new EncoderStore(workspace).OpenAsync(row.Id, Cancel);
        var ours = new float[3 * encoder.Dimension];
        encoder.Encode(pixels, 3, ours);
        Assert.Equal(ours.Length, theirs.Length);
        for (var i = 0; i < ours.Length; i++) Assert.Equal(theirs[i], ours[i], 2e-3);
    }

    [Fact]
    public async Task A_real_network_of_other_software_is_imported_and_knows_a_cat()
    {
        var folderOf = TestData.Shared("weights/mobilenet");
        var model = Path.Combine(folderOf, "mobilenet_v2_1.0_224_quant.dequant.onnx");
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder);

        var row = await EncoderImport.RunAsync(workspace, model, new ImportOptions { Name = "mobilenet", Scaling = PixelScaling.MinusOneOne }, Cancel);
        var classes = await EncoderImport.RunAsync(workspace, model, new ImportOptions { Name = "classes", Scaling = PixelScaling.MinusOneOne, Output = "prob" }, Cancel);

        Assert.Equal(("mobilenet@1", 1280), (row.Id, row.Dimension));
        using var encoder = await new EncoderStore(workspace).OpenAsync(row.Id, Cancel);
        Assert.Equal((224, "stretch"), (encoder.ImageSize, encoder.Card.Preprocessing));
        using var classifier = await new EncoderStore(workspace).OpenAsync(classes.Id, Cancel);
        var scores = await PictureQuery.EncodeAsync(classifier, Path.Combine(folderOf, "cat.bmp"), Cancel);
        var labels = File.ReadAllLines(Path.Combine(folderOf, "imagenet_labels.txt"));
        Assert.Contains("cat", labels[Array.IndexOf(scores, scores.Max()) - (scores.Length - labels.Length)], StringComparison.OrdinalIgnoreCase);
        // The same picture alone and in company gives the same bits.
        var pixels = Pictures.Batch(2, 224);
        float[] together = new float[2 * 1280], alone = new float[1280];
        encoder.Encode(pixels, 2, together);
        encoder.Encode(pixels.AsSpan(pixels.Length / 2), 1, alone);
        Assert.Equal(alone, together[1280..]);
    }

    [Fact]
    public async Task What_is_no_picture_network_is_refused_with_the_flag_that_decides()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder);
        File.WriteAllText(folder["no.onnx"], "nothing");

        var error = await Assert.ThrowsAsync<CheckpointException>(() => EncoderImport.RunAsync(workspace, folder["no.onnx"], new ImportOptions(), Cancel));

        Assert.Contains("ONNX", error.NextStep, StringComparison.Ordinal);
    }

    private static async Task<Workspace> NewWorkspaceAsync(TemporaryFolder folder)
    {
        var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        await Pictures.AddAsync(workspace, folder["pictures"], 0, 24, 64, Cancel);
        return workspace;
    }

    /// <returns>What the program printed; null when it failed.</returns>
    private static async Task<string?> RunAsync(string program)
    {
        using var process = Process.Start(new ProcessStartInfo(Python) { ArgumentList = { "-W", "ignore", "-c", program }, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var text = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        await error;
        return process.ExitCode == 0 ? text.Trim() : null;
    }
}
