using System.Globalization;
using System.Net;
using System.Text;
using Curator.Core.Files;
using Curator.Imagery.Decoding;
using Curator.Imagery.Thumbnails;
using Curator.Labeling.Metrics;

namespace Curator.Cli.Reports;

/// <summary>
/// Writes a report as one HTML file that needs nothing else: pictures are data URIs, drawings inline SVG, no script. A content security policy
/// in the file forbids loading anything. Readable on a phone, in light and dark, and by a screen reader.
/// </summary>
internal static class HtmlReport
{
    /// <summary>Most pictures of a contact sheet: at about 2 KB each the file stays below 3 MB.</summary>
    public const int MostPictures = 300;

    private const int PictureSide = 96;

    /// <summary>Writes the file at once; an existing one is replaced. Pictures that cannot be read are shown as such.</summary>
    public static void Write(string path, DemoReport report) => AtomicFile.WriteText(path, Render(report));

    /// <summary>The HTML text.</summary>
    public static string Render(DemoReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var thumbnails = new Thumbnailer();
        var page = new StringBuilder(1 << 20);
        page.Append(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
            <title>{Text(report.Title)} · Curator</title>
            <style>{ReportStyle.Css}</style>
            </head>
            <body>
            <header>
            <div class="intro">
            <p class="brand">Curator</p>
            <h1>{Text(report.Title)}</h1>
            <p class="lead">{Text(report.Lead)}</p>
            </div>

            """);
        if (report.Example is { } example)
            page.Append($"<figure class=\"example\">{Picture(thumbnails, example, 256)}<figcaption>The one example: {Text(example.Caption)}</figcaption></figure>\n");
        page.Append("</header>\n<main>\n");
        Figures(page, report.Figures);
        page.Append("<div class=\"pair\">\n");
        if (report.Curve.Count > 0) Section(page, "Score against labels", "curve", ReportCurve.Render(report.Curve, report.Baseline));
        if (report.Stages.Count > 0) Section(page, "Where the time went", "stages", Stages(report.Stages));
        page.Append("</div>\n");
        if (report.PositivesPlot is { } plot)
            Section(page, "Finding them", "finding", $"<figure class=\"plot\"><img src=\"data:image/png;base64,{Convert.ToBase64String(plot)}\" alt=\"Positives found against labels given\"></figure>\n");
        if (report.Cost is { } cost) Section(page, "What the labels cost", "cost", Cost(cost));
        if (report.Map is { } map) Section(page, "Where they are", "world", ReportMap.Render(map, thumbnails));
        Sheet(page, "Found", "found", report.Finds, thumbnails);
        Sheet(page, "Missed", "missed", report.Misses, thumbnails);
        Sheet(page, "False finds", "false", report.FalseFinds, thumbnails);
        if (report.Definition.Count > 0) Section(page, "What counts", "definition", Paragraphs(report.Definition));
        page.Append("</main>\n<footer>\n");
        page.Append(Paragraphs(report.Terms));
        if (report.Command is { } command) page.Append($"<p>Made by <code>{Text(command)}</code>.</p>\n");
        page.Append("</footer>\n</body>\n</html>\n");
        return page.ToString();
    }

    internal static string Text(string text) => WebUtility.HtmlEncode(text);

    internal static string Number(double value, int digits = 0) => value.ToString("N" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    internal static string Percent(double share) => Number(100 * share, share is > 0 and < 0.1 ? 1 : 0) + " %";

    internal static string DataUri(byte[] jpeg) => "data:image/jpeg;base64," + Convert.ToBase64String(jpeg);

    /// <summary><c>42 s</c>, <c>3 min 05 s</c>.</summary>
    internal static string Duration(TimeSpan time) =>
        time.TotalSeconds < 10 ? Number(time.TotalSeconds, 1) + " s"
        : time.TotalSeconds < 60 ? Number(time.TotalSeconds) + " s"
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds:00} s");

    private static void Figures(StringBuilder page, ReportFigures figures)
    {
        page.Append("<section class=\"figures\" aria-label=\"Headline figures\"><dl>\n");
        if (figures.Things is { } things)
            Figure(page, Text(things.Name) + " found", Number(things.Found), $"of {Number(things.Total)}", "good");
        Figure(page, "pictures found", Number(figures.Found), $"in {Number(figures.Images)}", "good");
        if (figures.Missed is { } missed) Figure(page, "missed", Number(missed), figures.Recall is { } recall ? $"recall {Number(recall, 3)}" : "", "");
        if (figures.FalseFinds is { } wrong) Figure(page, "false finds", Number(wrong), figures.Precision is { } precision ? $"precision {Number(precision, 3)}" : "", "");
        if (figures.F1 is { } f1) Figure(page, "F1", Number(f1, 3), "over all pictures", "");
        Figure(page, "labels used", Number(figures.LabelsUsed), $"{Percent(1 - figures.LabelsSaved)} of all pictures", "");
        Figure(page, "looking saved", Percent(figures.LabelsSaved), $"{Number(figures.Images - figures.LabelsUsed)} pictures", "good");
        if (figures.Total is { } total) Figure(page, "whole run", Duration(total), "", "");
        page.Append("</dl></section>\n");
    }

    private static void Figure(StringBuilder page, string name, string value, string detail, string kind) =>
        page.Append($"<div class=\"{kind}\"><dt>{name}</dt><dd><b>{value}</b><span>{detail}</span></dd></div>\n");

    private static void Section(StringBuilder page, string heading, string id, string body) =>
        page.Append($"<section id=\"{id}\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">{heading}</h2>\n{body}</section>\n");

    private static void Sheet(StringBuilder page, string heading, string kind, PictureGroup group, Thumbnailer thumbnails)
    {
        if (group.Total == 0) return;
        var body = new StringBuilder($"<ul class=\"sheet {kind}\">\n");
        var shown = group.Pictures.Take(MostPictures).ToList();
        foreach (var picture in shown) body.Append($"<li>{Picture(thumbnails, picture, PictureSide)}<small>{Text(picture.Caption)}</small></li>\n");
        body.Append("</ul>\n");
        if (group.Total > shown.Count) body.Append($"<p class=\"more\">{Number(group.Total - shown.Count)} more are not shown here.</p>\n");
        Section(page, $"{heading} <span class=\"count\">{Number(group.Total)}</span>", kind, body.ToString());
    }

    private static string Picture(Thumbnailer thumbnails, ReportPicture picture, int side)
    {
        try
        {
            return $"<img src=\"{DataUri(thumbnails.Jpeg(picture.Path, side, 88))}\" alt=\"{Text(picture.Caption)}\">";
        }
        catch (ImageDecodeException error)
        {
            return $"<span class=\"unreadable\" title=\"{Text(error.WhatHappened)}\">cannot be read</span>";
        }
    }

    private static string Stages(IReadOnlyList<StageTime> stages)
    {
        var longest = Math.Max(0.001, stages.Max(stage => stage.Time.TotalSeconds));
        var rows = new StringBuilder("<table class=\"stages\"><thead><tr><th scope=\"col\">stage</th><th scope=\"col\">time</th><th scope=\"col\">work</th></tr></thead><tbody>\n");
        foreach (var stage in stages)
        {
            var width = (100 * stage.Time.TotalSeconds / longest).ToString("0.#", CultureInfo.InvariantCulture);
            rows.Append(
                $"<tr><th scope=\"row\">{Text(stage.Name)}</th><td class=\"time\">{Duration(stage.Time)}</td>" +
                $"<td><span class=\"bar\" style=\"width:{width}%\"></span><span>{Text(stage.Detail)}</span></td></tr>\n");
        }
        return rows.Append("</tbody></table>\n").ToString();
    }

    private static string Cost(CostReport cost)
    {
        var table = new StringBuilder("<div class=\"scroll\"><table><thead><tr><th scope=\"col\"></th><th scope=\"col\">looks</th><th scope=\"col\">time</th><th scope=\"col\">money</th></tr></thead><tbody>\n");
        foreach (var (name, part) in new[] { ("spent", cost.Spent), ("every picture once", cost.Everything), ("saved", cost.Saved) })
            table.Append($"<tr><th scope=\"row\">{name}</th><td>{Number(part.Labels)}</td><td>{CostText.Time(part.Minutes)}</td><td>{Text(CostText.Money(part.Money, cost))}</td></tr>\n");
        return table.Append($"</tbody></table></div>\n<p>At {Number(cost.SecondsPerLabel, 1)} s a look, {(cost.Measured ? "as measured" : "which is an assumption")}; prices are settings (curator rounds --help).</p>\n").ToString();
    }

    private static string Paragraphs(IReadOnlyList<string> paragraphs) => string.Concat(paragraphs.Select(paragraph => $"<p>{Text(paragraph)}</p>\n"));
}
