using System.CommandLine;
using System.Globalization;
using Curator.Core;
using Curator.Core.Images;
using Curator.Search;

namespace Curator.Cli.Searching;

/// <summary>The flags that say which pictures a search may return, and which of them it leaves out as repetitions.</summary>
internal sealed class SearchFlags
{
    private readonly Option<string?> _from = new("--from") { Description = "Taken on this day or later: 2024-06-30, or with a time, 2024-06-30T12:00Z.", HelpName = "date" };
    private readonly Option<string?> _to = new("--to") { Description = "Taken on this day or earlier; with a time, before it.", HelpName = "date" };
    private readonly Option<string?> _box = new("--bbox") { Description = "Footprint touches this box, in degrees; west may be greater than east.", HelpName = "S,W,N,E" };
    private readonly Option<string[]> _products = Many("--product", "Only these products (the first name of a partition).", "name");
    private readonly Option<string[]> _resolutions = Many("--resolution", "Only these resolutions.", "name");
    private readonly Option<string[]> _periods = Many("--period", "Only these periods.", "name");
    private readonly Option<string[]> _labels = Many("--label", "Answers in a task: island=yes, island!=yes, island (any answer), '!island' (none yet).", "condition");
    private readonly Option<string[]> _columns = Many("--where", $"Columns of the manifest: 'nodata_share<0.2', folder~river. Signs = != < <= > >= ~; columns {string.Join(", ", ColumnCondition.Names)}, and those that your lists gave.", "condition");
    private readonly Option<double?> _within = new("--within") { Description = "Only hits this near: 0 the same, 2 the opposite.", HelpName = "distance" };

    private readonly Option<double?> _overlap = new("--suppress-overlap")
    {
        Description = "One hit a place: of footprints that share more than this part (0 to 1) the nearest hit. [without a number: 0.3]",
        HelpName = "share",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<double?> _distinct = new("--distinct")
    {
        Description = "One hit of near-duplicates: of pictures within this distance of each other the nearest hit. [without a number: 0.01]",
        HelpName = "distance",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public SearchFlags(Command command)
    {
        foreach (var option in (Option[])[_from, _to, _box, _products, _resolutions, _periods, _labels, _columns, _within, _overlap, _distinct]) command.Options.Add(option);
    }

    /// <summary>A query with everything but its vectors.</summary>
    /// <exception cref="WorkspaceException">Names all problems at once.</exception>
    public SearchQuery Read(ParseResult parsed, int count)
    {
        var problems = new List<string>();
        var filter = new SearchFilter
        {
            From = Guard(() => Moment(parsed.GetValue(_from), end: false, "--from")),
            To = Guard(() => Moment(parsed.GetValue(_to), end: true, "--to")),
            Box = Guard(() => Box(parsed.GetValue(_box))),
            Products = Names(parsed.GetValue(_products)),
            Resolutions = Names(parsed.GetValue(_resolutions)),
            Periods = Names(parsed.GetValue(_periods)),
            Labels = Guard(() => Array.ConvertAll(parsed.GetValue(_labels) ?? [], LabelCondition.Parse)) ?? [],
            Columns = Guard(() => Array.ConvertAll(parsed.GetValue(_columns) ?? [], ColumnCondition.Parse)) ?? [],
        };
        if (count < 1) problems.Add($"--count is {count}; it must be 1 or more.");
        if (filter is { From: { } from, To: { } to } && from >= to) problems.Add("--from is not before --to.");
        var overlap = Given(_overlap, 0.3, 1, "--suppress-overlap");
        var distinct = Given(_distinct, 0.01, 2, "--distinct");
        var within = Given(_within, 2, 2, "--within");
        if (problems.Count > 0) throw new WorkspaceException(string.Join(' ', problems), "Correct them; 'curator search --help' tells what each takes.");
        return new SearchQuery
        {
            Positives = [],
            Count = count,
            Filter = filter,
            SuppressOverlap = overlap,
            Distinct = (float?)distinct,
            MaxDistance = (float)(within ?? 2),
        };

        T? Guard<T>(Func<T> read)
        {
            try
            {
                return read();
            }
            catch (WorkspaceException e)
            {
                problems.Add($"{e.WhatHappened} {e.NextStep}");
                return default;
            }
        }

        double? Given(Option<double?> option, double otherwise, double most, string name)
        {
            if (parsed.GetResult(option) is not { Implicit: false }) return null;
            var value = parsed.GetValue(option) ?? otherwise;
            if (!(value >= 0 && value <= most)) problems.Add(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be 0 to {most}."));
            return value;
        }
    }

    private static Option<string[]> Many(string name, string description, string kind) =>
        new(name) { Description = description, HelpName = kind, AllowMultipleArgumentsPerToken = true };

    private static string[]? Names(string[]? names) => names is { Length: > 0 } ? [.. names.SelectMany(name => name.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))] : null;

    /// <summary>The start of a day, or of the day after when it ends a range; a time stands for itself.</summary>
    private static DateTimeOffset? Moment(string? text, bool end, string flag)
    {
        if (text is null) return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return new DateTimeOffset(end ? day.AddDays(1) : day, TimeOnly.MinValue, TimeSpan.Zero);
        if (text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)) return moment;
        throw new WorkspaceException($"{flag} is '{text}', no date.", "Write 2024-06-30, or 2024-06-30T12:00Z.");
    }

    private static BoundingBox? Box(string? text)
    {
        if (text is null) return null;
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var edges = new double[4];
        var good = parts.Length == 4;
        for (var i = 0; good && i < 4; i++)
            good = double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out edges[i]) && Math.Abs(edges[i]) <= (i % 2 == 0 ? 90 : 180);
        if (!good || edges[0] > edges[2])
            throw new WorkspaceException($"--bbox is '{text}', no box.", "Write south,west,north,east in degrees, for example --bbox=-10,150,5,-170 (a box across the antimeridian).");
        return new BoundingBox(edges[0], edges[1], edges[2], edges[3]);
    }
}
