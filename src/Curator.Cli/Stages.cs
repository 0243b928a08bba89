using Curator.Core;
using Curator.Core.Shards;
using Curator.Imagery.Ingest;
using Curator.Labeling.Classification;
using Curator.Learning.Embedding;
using Curator.Learning.Training;
using Curator.Search.Indexes;

namespace Curator.Cli;

/// <summary>Every stage that <c>curator work</c> can do, by name.</summary>
internal static class Stages
{
    private static readonly IShardStage[] All = [new IngestStage(), new TrainStage(), new EmbedStage(), new IndexStage(), new ClassifyStage()];

    public static IEnumerable<string> Names => All.Select(s => s.Name);

    /// <exception cref="WorkspaceException">No such stage.</exception>
    public static IShardStage Find(string name) =>
        All.FirstOrDefault(s => s.Name == name)
        ?? throw new WorkspaceException($"There is no stage '{name}'.", $"Use one of: {string.Join(", ", Names)}.");
}
