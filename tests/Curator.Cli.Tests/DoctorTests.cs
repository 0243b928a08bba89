using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Microsoft.Data.Sqlite;

namespace Curator.Cli.Tests;

public sealed class DoctorTests
{
    [Fact]
    public async Task Answers_that_do_not_follow_from_their_events_are_found_and_made_anew()
    {
        using var folder = new TemporaryFolder();
        await using (var workspace = await Workspace.InitAsync(folder.FullPath, TimeProvider.System, CancellationToken.None))
        {
            await workspace.Labels.GetOrAddTaskAsync(new LabelingTask("t", "?", ["yes", "no"], null, null, "", DateTimeOffset.UnixEpoch), CancellationToken.None);
            await workspace.Labels.AppendAsync(new NewLabelEvent("1", "t", new ImageId(1, 0), "p", "s", LabelEventKind.Label, "yes"), CancellationToken.None);
        }
        await using (var database = new SqliteConnection($"Data Source={folder["curator.db"]};Pooling=false"))
        {
            await database.OpenAsync(TestContext.Current.CancellationToken);
            await using var edit = database.CreateCommand();
            edit.CommandText = "UPDATE item_state SET value = 'no'";
            Assert.Equal(1, await edit.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        var found = await CommandLineRun.OfAsync("doctor", "--workspace", folder.FullPath);
        Assert.Equal(ExitCodes.DoneWithSkipped, found.ExitCode);
        Assert.Contains("FAIL  answers", found.Output, StringComparison.Ordinal);
        Assert.Contains("doctor --repair", found.Output, StringComparison.Ordinal);
        var repaired = await CommandLineRun.OfAsync("doctor", "--repair", "--workspace", folder.FullPath);
        Assert.Contains("ok    answers", repaired.Output, StringComparison.Ordinal);
        Assert.Contains("ok    answers", (await CommandLineRun.OfAsync("doctor", "--workspace", folder.FullPath)).Output, StringComparison.Ordinal);
    }
}
