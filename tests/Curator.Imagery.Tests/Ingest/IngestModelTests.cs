using CsCheck;
using Curator.Core.Catalogs;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Ingest;

/// <summary>Random edits of a folder between ingests, compared with what a dictionary says should be there.</summary>
public sealed class IngestModelTests
{
    private enum Edit
    {
        Write,
        Touch,
        Delete,
        Spoil,
        Ingest,
    }

    [Fact]
    public async Task After_any_edits_the_unmarked_rows_are_the_good_files_on_disk()
    {
        var edits = Gen.Select(Gen.Int[0, 4].Select(i => (Edit)i), Gen.Int[0, 4], Gen.Int[0, 3]).Array[1, 14];
        await edits.SampleAsync(Replay, iter: 12, threads: 1);
    }

    private static async Task Replay((Edit Edit, int File, int Content)[] edits)
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        Directory.CreateDirectory(folder["set"]);
        var model = new Dictionary<string, byte[]>();
        var clock = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        foreach (var (edit, number, content) in edits.Append((Edit.Ingest, 0, 0)))
        {
            var path = folder[$"set/{number}.png"];
            clock = clock.AddMinutes(1);
            switch (edit)
            {
                case Edit.Write:
                    model[path] = Pictures.Png(Pictures.Rgb(8, 8, content), 8, 8);
                    File.WriteAllBytes(path, model[path]);
                    File.SetLastWriteTimeUtc(path, clock);
                    break;
                case Edit.Touch when File.Exists(path):
                    File.SetLastWriteTimeUtc(path, clock);
                    break;
                case Edit.Delete:
                    model.Remove(path);
                    File.Delete(path);
                    break;
                case Edit.Spoil:
                    model.Remove(path);
                    File.WriteAllText(path, $"no picture {content}");
                    File.SetLastWriteTimeUtc(path, clock);
                    break;
                case Edit.Ingest:
                    await fixture.AddAsync(folder["set"]);
                    await CheckAsync(fixture, model);
                    break;
            }
        }
    }

    private static async Task CheckAsync(IngestFixture fixture, Dictionary<string, byte[]> model)
    {
        if (Directory.GetFiles(fixture.Project, "images.parquet", SearchOption.AllDirectories).Length == 0)
        {
            Assert.Empty(model);
            return;
        }
        var states = await fixture.StatesAsync();
        var rows = await fixture.RowsAsync();
        var live = rows.Index().Where(r => !states.ContainsKey(r.Index)).ToDictionary(r => r.Item.Uri, r => r.Item.Sha256);
        Assert.Equal(
            model.ToDictionary(f => f.Key, f => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(f.Value))).OrderBy(f => f.Key),
            live.OrderBy(f => f.Key));
        Assert.DoesNotContain(ImageState.Hidden, states.Values);
    }
}
