using System.Text.Json;

namespace Curator.EndToEnd.Tests;

/// <summary>Training in rounds, from labels, and the model store, as a person uses them.</summary>
public sealed class EncoderVerbsTests
{
    private static readonly string[] Small = ["--architecture", "small-cnn", "--width", "16", "--batch-size", "16", "--threads", "1", "--embedding-size", "16", "--precision", "fp32"];

    [Fact]
    public async Task An_encoder_is_previewed_trained_in_rounds_judged_tuned_exported_and_removed()
    {
        using var project = await ScratchProject.CreateAsync(80, rarity: 2);
        (await project.RunAsync("add", project.Pictures, "--labels-from-folders", "kind")).Expect(0);

        (await project.RunAsync(["train", "--preview", project["views.png"], .. Small])).Expect(0);
        Assert.True(new FileInfo(project["views.png"]).Length > 10_000);

        var trained = (await project.RunAsync(["train", "--rounds", "2", "--round-images", "40", "--budget", "320", "--method", "vicreg", "--json", .. Small])).Expect(0).Json;
        Assert.Equal("vicreg@1", trained.GetProperty("id").GetString());
        var rounds = trained.GetProperty("rounds");
        Assert.Equal(2, rounds.GetArrayLength());
        Assert.Equal(JsonValueKind.Null, rounds[0].GetProperty("coverage").ValueKind);
        Assert.InRange(rounds[1].GetProperty("coverage").GetProperty("coverage").GetDouble(), 0.1, 1);

        var judged = await project.RunAsync("encoders", "evaluate", "vicreg", "--json");
        var report = judged.Json;
        Assert.InRange(report.GetProperty("votes").GetProperty("accuracy").GetDouble(), 0.5, 1);
        Assert.Equal(report.GetProperty("passesBar").GetBoolean() ? 0 : 1, judged.ExitCode);

        var tuned = (await project.RunAsync(["train", "--task", "kind", "--from", "vicreg", "--tune-epochs", "2", "--json", .. Small])).Expect(0).Json;
        Assert.Equal("kind@1", tuned.GetProperty("encoder").GetProperty("id").GetString());

        (await project.RunAsync("encoders", "export", "kind", project["out"])).Expect(0);
        Assert.True(File.Exists(project["out/encoder.py"]));
        (await project.RunAsync("encoders", "compare")).Expect(0);

        // The first round's encoder made the embeddings that the second was chosen by.
        var refused = (await project.RunAsync("encoders", "remove", "vicreg-round1")).Expect(2);
        Assert.Contains("--with-embeddings", refused.Error, StringComparison.Ordinal);
        (await project.RunAsync("encoders", "remove", "vicreg-round1", "--with-embeddings")).Expect(0);
        var left = (await project.RunAsync("encoders", "list", "--json")).Expect(0).Output;
        Assert.DoesNotContain("\"id\":\"vicreg-round1@1\"", left, StringComparison.Ordinal);
    }
}
