using Curator.Cli.Reports;
using Curator.Core;
using Curator.Core.Labels;
using Curator.Labeling.Classification;
using Curator.Labeling.Labelers;

namespace Curator.Cli.Jobs;

/// <summary>The finished set, beside the truth where it is known. Keeps pictures of interest only: finds, misses and false finds.</summary>
internal sealed record Outcome(long Images, IReadOnlyList<FinalLabel> Found, IReadOnlyList<FinalLabel> Missed, IReadOnlyList<FinalLabel> FalseFinds, bool TruthKnown)
{
    /// <summary>All that the finished set calls positive, right or wrong.</summary>
    public IEnumerable<FinalLabel> Called => Found.Concat(FalseFinds);

    public static async Task<Outcome> CollectAsync(Workspace workspace, LabelingTask task, Truth? truth, CancellationToken cancellationToken)
    {
        long images = 0;
        List<FinalLabel> found = [], missed = [], falseFinds = [];
        await foreach (var label in FinalSet.ReadAsync(workspace, task, false, cancellationToken))
        {
            images++;
            var positive = label.Class == task.Classes[0];
            var really = truth is null || !truth.TryGet(label.Image, out var value) ? positive : value == 0;
            if (positive && really) found.Add(label);
            else if (positive) falseFinds.Add(label);
            else if (really) missed.Add(label);
        }
        return new Outcome(images, found, missed, falseFinds, truth is not null);
    }

    /// <summary>Precision, recall and F1 over all pictures, as people get them: answers where there are any, the sweep elsewhere.</summary>
    public ReportFigures Figures(long labels)
    {
        if (!TruthKnown) return new ReportFigures(Images, Found.Count, null, null, labels, null, null, null);
        var precision = Share(Found.Count, Found.Count + FalseFinds.Count);
        var recall = Share(Found.Count, Found.Count + Missed.Count);
        return new ReportFigures(
            Images, Found.Count, Missed.Count, FalseFinds.Count, labels,
            Share(2 * Found.Count, 2 * Found.Count + FalseFinds.Count + Missed.Count), precision, recall);
    }

    private static double Share(double part, double whole) => whole == 0 ? 0 : part / whole;
}
