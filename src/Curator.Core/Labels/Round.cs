namespace Curator.Core.Labels;

/// <summary>A round of active learning. Round 0 is the seed found by search.</summary>
/// <param name="Metrics">JSON object of the round's numbers; empty until done.</param>
public sealed record Round(string Task, int Number, RoundState State, int Asked, string Metrics);
