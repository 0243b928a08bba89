using Curator.Core.Images;
using Curator.Imagery.Scenes;

namespace Curator.Cli.Tests.Searching;

/// <summary>A project of twenty embedded pictures, made once by the verbs: picture i was taken on day i + 1 of 2020 at i degrees east, a step of half its width; classes a and b in turn.</summary>
public sealed class EmbeddedProject : IAsyncLifetime
{
    public const int Count = 20;
    private readonly TemporaryFolder _folder = new();

    public string this[string relative] => _folder[relative];

    /// <summary>Path of a picture, at longitude 170 + i, so that the later ones lie beyond the antimeridian.</summary>
    public string PictureAt(int i)
    {
        var west = 170.0 + i;
        var east = west + 2;
        var box = new BoundingBox(10, west > 180 ? west - 360 : west, 12, east > 180 ? east - 360 : east);
        return _folder[Path.Combine("pictures", i % 2 == 0 ? "a" : "b", TileName.Format(new DateOnly(2020, 1, i + 1), box) + ".bmp")];
    }

    public async ValueTask InitializeAsync()
    {
        for (var i = 0; i < Count; i++)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PictureAt(i))!);
            await File.WriteAllBytesAsync(PictureAt(i), TinyPictures.Bmp(32, i));
        }

        Assert.Equal(ExitCodes.Done, (await CommandLineRun.OfAsync("init", _folder["project"])).ExitCode);
        foreach (var line in new string[][] { ["add", _folder["pictures"], "--labels-from-folders", "class"], ["embed"] })
        {
            var run = await RunAsync(line);
            Assert.True(run.ExitCode == ExitCodes.Done, run.Error);
        }
    }

    internal Task<CommandLineRun> RunAsync(params string[] args) => CommandLineRun.OfAsync([.. args, "--workspace", _folder["project"]]);

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
