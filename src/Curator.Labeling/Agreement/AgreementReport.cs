namespace Curator.Labeling.Agreement;

/// <summary>A coefficient with its bootstrap interval over images.</summary>
/// <param name="Value">NaN where it is not defined: nothing rated twice, or only one class ever given.</param>
/// <param name="Low">2.5th percentile of the resamples, or NaN.</param>
/// <param name="High">97.5th percentile, or NaN.</param>
public sealed record Coefficient(double Value, double Low, double High);

/// <summary>How far people agree on a task.</summary>
/// <param name="Images">Images with at least two ratings; only they say anything.</param>
/// <param name="Raters">People who rated one of them.</param>
/// <param name="Ratings">Ratings of these images.</param>
/// <param name="Percent">Share of pairs of ratings of one image that are equal, 0 to 1.</param>
/// <param name="FleissKappa">Chance-corrected, everybody's ratings pooled.</param>
/// <param name="KrippendorffAlpha">Chance-corrected, for any number of ratings an image and missing ones; nominal distance.</param>
/// <param name="Classes">Alpha of each class against all others.</param>
/// <param name="Pairs">Cohen's kappa of every two people who rated images in common, most images first.</param>
public sealed record AgreementReport(
    int Images, int Raters, int Ratings, Coefficient Percent, Coefficient FleissKappa, Coefficient KrippendorffAlpha, IReadOnlyList<ClassAgreement> Classes, IReadOnlyList<PairAgreement> Pairs);

/// <param name="Ratings">How often the class was given.</param>
public sealed record ClassAgreement(string Class, int Ratings, Coefficient Alpha);

/// <param name="Images">Rated by both.</param>
public sealed record PairAgreement(string First, string Second, int Images, double Percent, double CohenKappa);
