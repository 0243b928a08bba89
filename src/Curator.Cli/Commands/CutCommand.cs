using System.CommandLine;
using Curator.Cli.Scenes;
using Curator.Core;
using Curator.Core.Shards;
using Curator.Imagery.Decoding;
using Curator.Imagery.Scenes;

namespace Curator.Cli.Commands;

/// <summary><c>cut SCENE… --output FOLDER</c>: large pictures into tiles that keep bands, bits and place.</summary>
internal static class CutCommand
{
    public static Command Create(Terminal terminal)
    {
        var scenes = new Argument<string[]>("scene") { Description = "Large pictures: GeoTIFF, JPEG, PNG, MRF and others, or folders of them.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--output") { Description = "Folder of the tiles; one below it for each scene.", HelpName = "folder", Required = true };
        var command = new Command("cut", """
            Cut large pictures into tiles, which keep every band and bit and their place on Earth (from GeoTIFF or MRF tags, a world file, or --bbox). Tiles that are
            there already are left alone: the same command goes on. Besides: footprints.geojson, provenance.json, and STAC items and TFRecords on request.

            Example:
              curator cut scene_2020-09-27.tif --output tiles --tile 256 --overlap 0.5 --max-nodata 0.3
            """) { scenes, output };
        var binding = new OptionsBinding<CutOptions>(command, "cut");
        command.SetWork(terminal, binding, (context, options, parsed, cancellationToken) =>
            Task.Run(() => Run(terminal, context, parsed.GetRequiredValue(scenes), Path.GetFullPath(parsed.GetRequiredValue(output)), options, cancellationToken), cancellationToken));
        return command;
    }

    private static int Run(Terminal terminal, CommandContext context, string[] given, string folder, CutOptions options, CancellationToken cancellationToken)
    {
        var scenes = Scenes(given, folder);
        var outputs = new CutOutputs(folder, options);
        long written = 0, there = 0;
        var (done, failed) = (new List<string>(), new List<string>());
        for (var i = 0; i < scenes.Count; i++)
        {
            var scene = scenes[i];
            try
            {
                foreach (var tile in SceneCutter.Cut(scene, Path.Combine(folder, Path.GetFileNameWithoutExtension(scene)), options, cancellationToken))
                {
                    outputs.Add(scene, tile);
                    if (tile.Written) written++;
                    else there++;
                    if ((written + there) % 32 == 0) context.Progress.Report(new StageProgress("cut", i, scenes.Count, "scenes", $"{written + there:N0} tiles"));
                }

                done.Add(scene);
            }
            catch (ImageDecodeException e)
            {
                failed.Add($"{scene}: {e.WhatHappened}");
            }
        }

        if (written + there > 0) outputs.Finish(scenes);
        // Only now: what is said about all tiles is worked out from the scenes.
        if (options.RemoveOriginals) done.ForEach(File.Delete);
        terminal.Line($"{written:N0} tiles of {scenes.Count - failed.Count:N0} scenes cut into {folder}, {there:N0} were there already");
        foreach (var failure in failed) terminal.Line($"  {failure}");
        terminal.Line(
            written + there > 0 ? $"Next: curator add {folder}"
            : failed.Count > 0 ? "Next: mend the scenes named above, and run it again."
            : "Next: give smaller tiles with --tile, or allow more gaps with --max-nodata.");
        terminal.Result(new { written, there, scenes = scenes.Count, failed, output = folder });
        return failed.Count > 0 ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
    }

    /// <exception cref="WorkspaceException">None is there, or two have one name.</exception>
    private static List<string> Scenes(string[] given, string folder)
    {
        var scenes = new List<string>();
        foreach (var path in given.Select(Path.GetFullPath))
            if (Directory.Exists(path)) scenes.AddRange(Directory.EnumerateFiles(path).Where(file => SceneCutter.IsScene(file)).Order(StringComparer.Ordinal));
            else if (File.Exists(path)) scenes.Add(path);
            else throw new WorkspaceException($"The scene '{path}' is not there.", "Check the spelling.");
        if (scenes.Count == 0) throw new WorkspaceException("There are no pictures in what was named.", "Name scenes, or folders that hold them directly.");
        var twice = scenes.GroupBy(scene => Path.GetFileNameWithoutExtension(scene), StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null) throw new WorkspaceException($"Two scenes are named '{twice.Key}'.", $"Cut them into two folders, one after the other; tiles lie in {Path.Combine(folder, twice.Key)}.");
        return scenes;
    }
}
