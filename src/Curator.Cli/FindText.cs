using System.Globalization;
using Curator.Cli.Jobs;

namespace Curator.Cli;

/// <summary>The end of <c>find</c> and <c>demo</c>: what was found, what was missed, what it cost.</summary>
internal static class FindText
{
    public static void Print(Terminal terminal, FindResult result)
    {
        var figures = result.Figures;
        terminal.Line();
        foreach (var stage in result.Stages) terminal.Line($"  {stage.Name,-10} {ProgressLine.Duration(stage.Time),8}  {stage.Detail}");
        terminal.Line();
        if (figures.Things is { } things) terminal.Line($"{things.Found:N0} of {things.Total:N0} {things.Name} found");
        terminal.Line(figures.Missed is { } missed
            ? $"{figures.Found:N0} pictures found, {missed:N0} missed, {figures.FalseFinds:N0} false finds"
            : $"{figures.Found:N0} pictures found");
        terminal.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{figures.LabelsUsed:N0} labels used of {figures.Images:N0} pictures: {figures.LabelsSaved * 100:0.0} % of the looking saved"));
        if (figures.F1 is { } f1)
            terminal.Line(string.Create(CultureInfo.InvariantCulture, $"F1 over all pictures {f1:0.000} (precision {figures.Precision:0.000}, recall {figures.Recall:0.000})"));
        else if (result.Sweep.Estimate is { } estimate)
            terminal.Line(string.Create(
                CultureInfo.InvariantCulture,
                $"F1 over all pictures about {estimate.F1.Value:0.00} (95 % interval {estimate.F1.Low:0.00} to {estimate.F1.High:0.00}, estimated from the answers)"));
        terminal.Line($"Labeled set: {result.Set}");
        terminal.Line($"Report:      {result.Report}");
        terminal.Result(result);
    }
}
