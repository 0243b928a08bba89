using System.CommandLine;
using System.Globalization;
using System.Text;
using Curator.Core.Files;
using Curator.Imagery.Duplicates;
using Curator.Imagery.Sheets;
using Curator.Labeling.Labelers;

namespace Curator.Cli.Commands;

/// <summary><c>duplicates</c>: copies are found and marked, never deleted.</summary>
internal static class DuplicatesCommand
{
    private const int MostGroupsOnSheet = 40;
    private const int MostOfAGroupOnSheet = 8;

    public static Command Create(Terminal terminal)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Report only; leave the marks as they are." };
        var clear = new Option<bool>("--clear") { Description = "Take all marks away and stop." };
        var csv = new Option<string?>("--csv") { Description = "Also write the groups as a table here.", HelpName = "file" };
        var sheet = new Option<string?>("--sheet") { Description = "Also write a contact sheet of the groups here (PNG); the framed picture of each row stays.", HelpName = "file" };
        var command = new Command("duplicates", """
            Find copies: pictures with the same bytes, and pictures that look the same (compressed, scaled or brightened again; mirrored and turned with --turned).
            All but one of each group are marked and left out from then on; no file is touched.

            Example:
              curator duplicates --sheet copies.png
            """) { dryRun, clear, csv, sheet };
        var binding = new OptionsBinding<DuplicateOptions>(command, "duplicates");
        command.SetWork(terminal, binding, async (context, options, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            if (parsed.GetValue(clear))
            {
                var cleared = await DuplicateFinder.ClearAsync(workspace, cancellationToken);
                terminal.Line($"{cleared:N0} marks taken away");
                terminal.Result(new { cleared });
                return ExitCodes.Done;
            }
            var report = await DuplicateFinder.FindAsync(workspace, options, context.Progress, cancellationToken);
            if (!parsed.GetValue(dryRun)) await DuplicateFinder.MarkAsync(workspace, report, cancellationToken);
            Print(terminal, report, options, marked: !parsed.GetValue(dryRun));
            if (parsed.GetValue(csv) is { } table) WriteCsv(table, report);
            if (parsed.GetValue(sheet) is { } picture) WriteSheet(terminal, picture, report);
            terminal.Result(new { report.Images, report.Duplicates, featureless = report.Featureless.Select(id => id.ToString()), report.Unreadable, groups = report.Groups.Select(Plain) });
            return report.Unreadable > 0 ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
        });
        return command;
    }

    private static object Plain(DuplicateGroup group) => new
    {
        kept = group.Kept.ToString(),
        path = group.KeptPath,
        duplicates = group.Duplicates.Select(d => new { id = d.Image.ToString(), path = d.Path, kind = d.Kind, bits = d.Bits }),
    };

    private static void Print(Terminal terminal, DuplicateReport report, DuplicateOptions options, bool marked)
    {
        var kinds = report.Groups.SelectMany(g => g.Duplicates).GroupBy(d => d.Kind).ToDictionary(g => g.Key, g => g.LongCount());
        terminal.Line($"{report.Images:N0} pictures compared: {report.Duplicates:N0} duplicates in {report.Groups.Count:N0} groups{(marked && report.Duplicates > 0 ? ", marked and left out from now on" : "")}");
        foreach (var (kind, text) in new[]
        {
            (DuplicateKind.Exact, "the same bytes"), (DuplicateKind.Near, "look the same"), (DuplicateKind.Turned, "look the same mirrored or turned"),
            (DuplicateKind.Linked, "like another of their group"),
        })
            if (kinds.TryGetValue(kind, out var count)) terminal.Line($"  {count:N0} {text}");
        if (report.Featureless.Count > 0 && !options.ExactOnly) terminal.Line($"{report.Featureless.Count:N0} featureless pictures were compared by their bytes only");
        if (report.Unreadable > 0) terminal.Line($"{report.Unreadable:N0} could not be read: curator status --check");
        if (marked && report.Duplicates > 0) terminal.Note("To take the marks away: curator duplicates --clear");
    }

    private static void WriteCsv(string path, DuplicateReport report)
    {
        var text = new StringBuilder("group,id,path,kind,bits\n");
        for (var i = 0; i < report.Groups.Count; i++)
        {
            var group = report.Groups[i];
            text.Append(CultureInfo.InvariantCulture, $"{i + 1},{group.Kept},{Csv.Text(group.KeptPath)},kept,0\n");
            foreach (var d in group.Duplicates)
                text.Append(CultureInfo.InvariantCulture, $"{i + 1},{d.Image},{Csv.Text(d.Path)},{d.Kind.ToString().ToLowerInvariant()},{d.Bits}\n");
        }
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static void WriteSheet(Terminal terminal, string path, DuplicateReport report)
    {
        var items = new List<SheetItem>();
        foreach (var group in report.Groups.OrderByDescending(g => g.Duplicates.Count).Take(MostGroupsOnSheet))
        {
            items.Add(new SheetItem(group.KeptPath, Path.GetFileName(group.KeptPath), SheetFrame.Good));
            items.AddRange(group.Duplicates.Take(MostOfAGroupOnSheet - 1).Select(d => new SheetItem(d.Path, $"{d.Kind.ToString().ToLowerInvariant()}, {d.Bits} bits")));
        }
        ContactSheet.Write(path, items, new SheetOptions
        {
            Title = $"{report.Duplicates:N0} duplicates in {report.Groups.Count:N0} groups",
            Subtitle = report.Groups.Count > MostGroupsOnSheet ? $"the {MostGroupsOnSheet} largest groups; green frames stay" : "green frames stay",
            Columns = MostOfAGroupOnSheet,
            CellSide = 120,
        });
        terminal.Note($"Contact sheet: {Path.GetFullPath(path)}");
    }
}
