using Curator.Core;
using Curator.Learning.Encoders;

namespace Curator.Learning.Tests.Encoders;

public sealed class EncoderStoreTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_encoder_without_training_is_there_at_once_and_only_once()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        var store = new EncoderStore(workspace);

        var first = await store.EnsureStatisticsAsync(Cancel);
        var second = await store.EnsureStatisticsAsync(Cancel);

        Assert.Equal("statistics@1", first.Id);
        Assert.Equal(first, second);
        Assert.Equal(first, Assert.Single(await store.ListAsync(Cancel)).Row);
        using var encoder = await store.OpenAsync("statistics", Cancel);
        Assert.Equal(first.Dimension, encoder.Dimension);
    }

    [Fact]
    public async Task What_a_kill_left_of_an_encoder_that_was_not_registered_gives_way_to_the_next()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        var store = new EncoderStore(workspace);
        var directory = workspace.EncoderDirectory("statistics@1");
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(Path.Combine(directory, EncoderCard.FileName), (StatisticsEncoder.NewCard() with { ImageSize = 32, Version = 1 }).ToJson(), Cancel);
        await File.WriteAllTextAsync(Path.Combine(directory, "model.onnx"), "half", Cancel);
        Assert.Empty(await store.ListAsync(Cancel));

        var row = await store.EnsureStatisticsAsync(Cancel);

        Assert.Equal("statistics@1", row.Id);
        Assert.Equal(64, Assert.Single(await store.ListAsync(Cancel)).Card.ImageSize);
        Assert.Equal([EncoderCard.FileName], Directory.EnumerateFiles(directory).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_changed_card_and_a_missing_card_are_refused()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        var store = new EncoderStore(workspace);
        var row = await store.EnsureStatisticsAsync(Cancel);
        var path = Path.Combine(workspace.EncoderDirectory(row.Id), EncoderCard.FileName);
        var json = File.ReadAllText(path);

        File.WriteAllText(path, json.Replace("\"imageSize\": 64", "\"imageSize\": 32", StringComparison.Ordinal));
        Assert.Contains("another encoder", (await Assert.ThrowsAsync<CheckpointException>(() => store.OpenAsync(null, Cancel))).Message, StringComparison.Ordinal);
        File.WriteAllText(path, json[..(json.Length / 2)]);
        await Assert.ThrowsAsync<CheckpointException>(() => store.OpenAsync(null, Cancel));
        File.Delete(path);
        await Assert.ThrowsAsync<CheckpointException>(() => store.OpenAsync(null, Cancel));
    }

    [Fact]
    public void A_card_survives_being_written_and_read()
    {
        var card = StatisticsEncoder.NewCard() with { Mean = [0.1f, 0.2f, 0.3f], Metrics = new Dictionary<string, double> { ["loss"] = 1.5 }, Lineage = new EncoderLineage { Images = 7, Seed = 3 } };

        var read = EncoderCard.Parse(card.ToJson(), "card");

        Assert.Equal(card.ToJson(), read.ToJson());
        Assert.Equal(card.Fingerprint, read.Fingerprint);
    }

    [Fact]
    public async Task A_query_that_is_no_picture_is_an_error_with_a_next_step()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.jpg"], "not a picture");
        using var encoder = new StatisticsEncoder();

        var broken = await Assert.ThrowsAsync<WorkspaceException>(() => PictureQuery.EncodeAsync(encoder, folder["a.jpg"], Cancel));
        await Assert.ThrowsAsync<WorkspaceException>(() => PictureQuery.EncodeAsync(encoder, folder["none.jpg"], Cancel));

        Assert.Contains("JPEG", broken.NextStep, StringComparison.Ordinal);
    }
}
