using System.Globalization;
using System.Text;

namespace Curator.Cli.Reports;

/// <summary>Draws scores against labels as inline SVG, with the numbers in a table below for those who want them.</summary>
internal static class ReportCurve
{
    private const double Width = 440, Height = 270, Left = 36, Right = 22, Top = 14, Bottom = 40;

    public static string Render(IReadOnlyList<CurvePoint> curve, CurveBand? baseline)
    {
        var most = Math.Max(curve.Max(point => point.Labels), baseline is { Points.Count: > 0 } band ? band.Points.Max(point => point.Labels) : 0);
        var step = NiceStep(most);
        var end = Math.Max(step, Math.Ceiling((double)most / step) * step);
        string X(double labels) => Number(Left + labels / end * (Width - Left - Right));
        string Y(double score) => Number(Height - Bottom - Math.Clamp(score, 0, 1) * (Height - Top - Bottom));

        var svg = new StringBuilder($"<figure class=\"chart\"><svg viewBox=\"0 0 {Width:0} {Height:0}\" role=\"img\" aria-label=\"F1 and recall over all pictures against labels used\">\n");
        for (var tick = 0; tick <= 5; tick++)
            svg.Append($"<line class=\"grid\" x1=\"{Number(Left)}\" x2=\"{Number(Width - Right)}\" y1=\"{Y(tick / 5.0)}\" y2=\"{Y(tick / 5.0)}\"/>" +
                $"<text class=\"tick\" x=\"{Number(Left - 7)}\" y=\"{Y(tick / 5.0)}\" dy=\"4\" text-anchor=\"end\">{Number(tick / 5.0)}</text>\n");
        for (double labels = 0; labels <= end; labels += step)
            svg.Append($"<text class=\"tick\" x=\"{X(labels)}\" y=\"{Number(Height - Bottom + 17)}\" text-anchor=\"middle\">{HtmlReport.Number(labels)}</text>\n");
        svg.Append($"<text class=\"tick\" x=\"{Number((Left + Width - Right) / 2)}\" y=\"{Number(Height - 6)}\" text-anchor=\"middle\">labels used</text>\n");

        if (baseline is { Points.Count: > 0 })
        {
            var upper = baseline.Points.Select(point => $"{X(point.Labels)},{Y(point.High)}");
            var lower = baseline.Points.Reverse().Select(point => $"{X(point.Labels)},{Y(point.Low)}");
            svg.Append($"<polygon class=\"band\" points=\"{string.Join(' ', upper.Concat(lower))}\"/>\n");
            svg.Append(Line("baseline", baseline.Points.Select(point => $"{X(point.Labels)},{Y(point.Mean)}")));
        }
        svg.Append(Line("recall", curve.Select(point => $"{X(point.Labels)},{Y(point.Recall)}")));
        svg.Append(Line("f1", curve.Select(point => $"{X(point.Labels)},{Y(point.F1)}")));
        foreach (var point in curve)
            svg.Append($"<circle class=\"f1\" cx=\"{X(point.Labels)}\" cy=\"{Y(point.F1)}\" r=\"3\"><title>{point.Labels} labels: F1 {HtmlReport.Number(point.F1, 3)}, " +
                $"precision {HtmlReport.Number(point.Precision, 3)}, recall {HtmlReport.Number(point.Recall, 3)}</title></circle>\n");
        svg.Append("</svg>\n<figcaption class=\"legend\"><span class=\"f1\">F1</span><span class=\"recall\">recall</span>");
        if (baseline is { Points.Count: > 0 }) svg.Append($"<span class=\"baseline\">F1, {HtmlReport.Text(baseline.Name)}</span>");
        return svg.Append("</figcaption></figure>\n").Append(Table(curve, baseline)).ToString();
    }

    private static string Line(string kind, IEnumerable<string> points) => $"<polyline class=\"{kind}\" points=\"{string.Join(' ', points)}\"/>\n";

    private static string Table(IReadOnlyList<CurvePoint> curve, CurveBand? baseline)
    {
        var table = new StringBuilder(
            "<details><summary>The numbers</summary><div class=\"scroll\"><table><thead><tr><th scope=\"col\">labels</th><th scope=\"col\">F1</th>" +
            "<th scope=\"col\">precision</th><th scope=\"col\">recall</th></tr></thead><tbody>\n");
        foreach (var point in curve)
            table.Append($"<tr><td>{HtmlReport.Number(point.Labels)}</td><td>{HtmlReport.Number(point.F1, 3)}</td>" +
                $"<td>{HtmlReport.Number(point.Precision, 3)}</td><td>{HtmlReport.Number(point.Recall, 3)}</td></tr>\n");
        table.Append("</tbody></table>");
        if (baseline is { Points.Count: > 0 })
        {
            table.Append($"<table><caption>{HtmlReport.Text(baseline.Name)}</caption><thead><tr><th scope=\"col\">labels</th><th scope=\"col\">mean F1</th>" +
                "<th scope=\"col\">lowest</th><th scope=\"col\">highest</th></tr></thead><tbody>\n");
            foreach (var point in baseline.Points)
                table.Append($"<tr><td>{HtmlReport.Number(point.Labels)}</td><td>{HtmlReport.Number(point.Mean, 3)}</td>" +
                    $"<td>{HtmlReport.Number(point.Low, 3)}</td><td>{HtmlReport.Number(point.High, 3)}</td></tr>\n");
            table.Append("</tbody></table>");
        }
        return table.Append("</div></details>\n").ToString();
    }

    /// <summary>The smallest 1, 2 or 5 times a power of ten that makes at most five steps.</summary>
    private static double NiceStep(int most)
    {
        var step = 1.0;
        while (true)
            foreach (var factor in (double[])[1, 2, 5])
            {
                if (factor * step * 5 >= most) return factor * step;
                if (factor == 5) step *= 10;
            }
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
