using System.CommandLine;
using Curator.Cli.Jobs;
using Curator.Core.Settings;
using Curator.Labeling.Rounds;
using Curator.Learning.Training;
using Curator.Server;

namespace Curator.Cli.Commands;

/// <summary>The flags of <c>find</c> and <c>demo</c>: their own, those of the rounds, and the server's address; training's come from curator.json and the environment.</summary>
internal sealed class FindFlags
{
    private readonly OptionsBinding<FindOptions> _find;
    private readonly OptionsBinding<LearnOptions> _learn;
    private readonly OptionsBinding<ServeOptions> _serve;
    private readonly OptionsBinding<TrainOptions> _train = new(new Command("unseen"), "train");

    public FindFlags(Command command, params string[] except)
    {
        _find = new OptionsBinding<FindOptions>(command, "find", except);
        _learn = new OptionsBinding<LearnOptions>(command, "learn");
        _serve = new OptionsBinding<ServeOptions>(command, "serve", [.. ServeNames.AllBut(nameof(ServeOptions.Host), nameof(ServeOptions.Port), nameof(ServeOptions.BehindProxy))]);
    }

    public (FindOptions Find, TrainOptions Train, LearnOptions Learn, ServeOptions Serve, IReadOnlyList<ResolvedSetting> Settings) Resolve(ParseResult parsed, string? settingsFile)
    {
        var (find, a) = _find.Resolve(parsed, settingsFile);
        var (train, b) = _train.Resolve(parsed, settingsFile);
        var (learn, c) = _learn.Resolve(parsed, settingsFile);
        var (serve, d) = _serve.Resolve(parsed, settingsFile);
        return (find, train, learn, serve, [.. a, .. b, .. c, .. d]);
    }
}
