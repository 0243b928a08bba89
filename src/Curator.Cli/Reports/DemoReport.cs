using Curator.Core.Images;
using Curator.Labeling.Metrics;

namespace Curator.Cli.Reports;

/// <summary>All that <c>report.html</c> says. <c>demo</c> fills everything; <c>find</c> leaves out the map, and the scores where nobody knows the truth.</summary>
internal sealed record DemoReport
{
    /// <summary>Heading: <c>Every island on Earth</c>.</summary>
    public required string Title { get; init; }

    /// <summary>One or two sentences under the heading.</summary>
    public required string Lead { get; init; }

    public required ReportFigures Figures { get; init; }

    /// <summary>The picture that the search began with.</summary>
    public ReportPicture? Example { get; init; }

    /// <summary>Scores against labels used, in the order of the rounds; empty where the truth is unknown.</summary>
    public IReadOnlyList<CurvePoint> Curve { get; init; } = [];

    /// <summary>The same head with randomly picked labels; null when it was not run.</summary>
    public CurveBand? Baseline { get; init; }

    /// <summary>What the labels cost; null when nothing was asked.</summary>
    public CostReport? Cost { get; init; }

    /// <summary>Positives found against labels, a PNG plot; null when nothing was asked.</summary>
    public byte[]? PositivesPlot { get; init; }

    /// <summary>In the order in which they ran.</summary>
    public IReadOnlyList<StageTime> Stages { get; init; } = [];

    public PictureGroup Finds { get; init; } = PictureGroup.None;

    public PictureGroup Misses { get; init; } = PictureGroup.None;

    public PictureGroup FalseFinds { get; init; } = PictureGroup.None;

    /// <summary>Null for pictures without a place.</summary>
    public WorldMap? Map { get; init; }

    /// <summary>What was asked for and how it was scored, a paragraph each.</summary>
    public IReadOnlyList<string> Definition { get; init; } = [];

    /// <summary>Sources and their terms, a paragraph each.</summary>
    public IReadOnlyList<string> Terms { get; init; } = [];

    /// <summary>The command that made this report.</summary>
    public string? Command { get; init; }
}

/// <summary>The headline.</summary>
/// <param name="Images">All pictures that were judged.</param>
/// <param name="Found">Pictures that were found; only right ones where the truth is known.</param>
/// <param name="Missed">Right pictures that were not found; null where the truth is unknown.</param>
/// <param name="FalseFinds">Wrong pictures among the finds; null where the truth is unknown.</param>
/// <param name="LabelsUsed">Pictures that were looked at.</param>
/// <param name="F1">Over all pictures, 0 to 1; null where the truth is unknown.</param>
/// <param name="Precision">Over all pictures, 0 to 1.</param>
/// <param name="Recall">Over all pictures, 0 to 1.</param>
internal sealed record ReportFigures(
    long Images, long Found, long? Missed, long? FalseFinds, long LabelsUsed, double? F1, double? Precision, double? Recall)
{
    /// <summary>Wall time of the whole run.</summary>
    public TimeSpan? Total { get; init; }

    /// <summary>Different things that the finds show, such as islands, with how many there are; null where nobody counted.</summary>
    public CountedThings? Things { get; init; }

    /// <summary>Share of the pictures that nobody had to look at, 0 to 1.</summary>
    public double LabelsSaved => Images == 0 ? 0 : 1 - (double)LabelsUsed / Images;
}

/// <param name="Name">Plural: <c>islands</c>.</param>
internal sealed record CountedThings(string Name, long Found, long Total);

/// <summary>Scores over all pictures after some labels, 0 to 1.</summary>
internal readonly record struct CurvePoint(int Labels, double F1, double Precision, double Recall);

/// <summary>F1 of a comparison over several seeds.</summary>
/// <param name="Name">For the legend: <c>random picks, mean of 5 seeds</c>.</param>
internal sealed record CurveBand(string Name, IReadOnlyList<BandPoint> Points);

/// <param name="Low">Lowest F1 of the seeds.</param>
/// <param name="High">Highest F1 of the seeds.</param>
internal readonly record struct BandPoint(int Labels, double Mean, double Low, double High);

/// <param name="Detail">What it did: <c>8,512 tiles</c>; may be empty.</param>
internal sealed record StageTime(string Name, TimeSpan Time, string Detail);

/// <param name="Path">The picture's file.</param>
/// <param name="Caption">One short line, also its description for people who cannot see it.</param>
internal sealed record ReportPicture(string Path, string Caption);

/// <summary>A contact sheet.</summary>
/// <param name="Total">How many there are; the sheet shows the first <see cref="HtmlReport.MostPictures"/> of <paramref name="Pictures"/>.</param>
internal sealed record PictureGroup(long Total, IReadOnlyList<ReportPicture> Pictures)
{
    public static PictureGroup None { get; } = new(0, []);
}

/// <summary>Where finds, misses and false finds lie.</summary>
/// <param name="WorldPicture">A picture of the whole Earth, EPSG:4326, the map's background.</param>
internal sealed record WorldMap(
    string WorldPicture, IReadOnlyList<BoundingBox> Found, IReadOnlyList<BoundingBox> Missed, IReadOnlyList<BoundingBox> FalseFinds);
