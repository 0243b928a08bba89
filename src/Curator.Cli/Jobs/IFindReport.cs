using Curator.Cli.Reports;

namespace Curator.Cli.Jobs;

/// <summary>What differs between the report of <c>find</c> and the demo's: words, terms, a map.</summary>
internal interface IFindReport
{
    string Title { get; }

    string Lead { get; }

    /// <summary>Shown to labelers on request.</summary>
    string Guidelines { get; }

    IReadOnlyList<string> Definition { get; }

    IReadOnlyList<string> Terms { get; }

    /// <summary>A picture of the whole Earth to draw footprints on, or null.</summary>
    string? WorldPicture { get; }

    /// <summary>Adds what only this job can count.</summary>
    ReportFigures Complete(ReportFigures figures, Outcome outcome);
}

/// <summary>The report of <c>find</c>: the user's own pictures, of which nothing more is known.</summary>
internal sealed class PlainReport(FindOptions options) : IFindReport
{
    public string Title => options.Task;

    public string Lead => options.Question;

    public string Guidelines => "";

    public IReadOnlyList<string> Definition => [];

    public IReadOnlyList<string> Terms => [];

    public string? WorldPicture => null;

    public ReportFigures Complete(ReportFigures figures, Outcome outcome) => figures;
}
