using Curator.Core.Labels;
using Curator.Server.Tasks;

namespace Curator.Server.People;

/// <summary>What a person has done in a task.</summary>
/// <param name="Answers">Answers given, unsure included, those taken back too.</param>
/// <param name="Undone">Answers taken back.</param>
/// <param name="Decisions">Decided as a reviewer.</param>
/// <param name="MedianSeconds">Of the last 200 answers, from shown to stored; null without any. Pauses of more than five minutes are left out.</param>
/// <param name="PerMinute">Answers in the last minute.</param>
/// <param name="Held">Pictures that wait for their answer.</param>
/// <param name="Here">Whether they were heard of in the last minute.</param>
/// <param name="GoldRight">Of <paramref name="Gold"/> gold items.</param>
/// <param name="RepeatsSame">Of <paramref name="Repeats"/> pictures that they answered twice.</param>
internal sealed record PersonReport(
    string Person, int Answers, int Unsure, int Undone, int Decisions, DateTimeOffset FirstAt, DateTimeOffset LastAt, double? MedianSeconds, int PerMinute, int Held, bool Here,
    int Gold, int GoldRight, int Repeats, int RepeatsSame);

/// <param name="Seconds">From shown to stored, or null.</param>
internal sealed record LogEntry(long Seq, string ImageId, string Picture, LabelEventKind Kind, string? Value, string Person, DateTimeOffset At, double? Seconds);

/// <param name="Entries">The newest first.</param>
/// <param name="Next">To be given as <c>before</c> for the page of older ones; null at the end.</param>
internal sealed record LogPage(IReadOnlyList<LogEntry> Entries, long? Next);

/// <param name="Value">Null where it is not defined.</param>
/// <param name="Low">Of the 95 % bootstrap interval.</param>
internal sealed record Estimate(double? Value, double? Low, double? High);

internal sealed record ClassEstimate(string Class, int Ratings, Estimate Alpha);

internal sealed record PairEstimate(string First, string Second, int Images, double Percent, double? CohenKappa);

/// <param name="Accuracy">How often they are right, as Dawid and Skene estimate it without a truth.</param>
internal sealed record Reliability(string Person, int Ratings, double Accuracy);

/// <param name="Images">Pictures answered by at least two.</param>
internal sealed record AgreementDescription(
    int Images, int Raters, int Ratings, Estimate Percent, Estimate FleissKappa, Estimate KrippendorffAlpha, IReadOnlyList<ClassEstimate> Classes, IReadOnlyList<PairEstimate> Pairs,
    IReadOnlyList<Reliability> Reliabilities);

/// <param name="PerMinute">Answers in the last minute.</param>
/// <param name="Held">Pictures that wait for their answer.</param>
internal sealed record HerePerson(string Person, int PerMinute, int Held);

/// <summary>A task as its owner watches it.</summary>
/// <param name="Here">People heard of in the last minute, busiest first.</param>
/// <param name="PerMinute">Answers in the last minute, of all.</param>
/// <param name="Conflicts">Pictures that wait for a reviewer.</param>
/// <param name="AgreementImages">Pictures answered by at least two.</param>
/// <param name="Alpha">Krippendorff's, null where it is not defined.</param>
internal sealed record LiveState(
    TaskProgress Progress, TaskState State, IReadOnlyList<HerePerson> Here, int PerMinute, long Conflicts, int AgreementImages, double? Percent, double? Alpha);
