using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Imagery.Ingest;
using Curator.Learning.Evaluation;
using Curator.Learning.Networks;
using Curator.Learning.Training;

namespace Curator.Benchmarks.Learning;

/// <summary>A project made of class folders, kept between runs, and what is in it by class.</summary>
internal sealed class LearningProject(Workspace workspace, IReadOnlyList<string> classes, IReadOnlyList<ImageId[]> byClass) : IAsyncDisposable
{
    public Workspace Workspace => workspace;

    public IReadOnlyList<string> Classes => classes;

    /// <summary>Images of each class, shuffled.</summary>
    public IReadOnlyList<ImageId[]> ByClass => byClass;

    /// <param name="arguments"><c>--data DIR</c>: class folders; <c>--cache DIR</c>: where projects are kept.</param>
    public static async Task<LearningProject> OpenAsync(Arguments arguments, string name, CancellationToken cancellationToken)
    {
        var workspace = await Workspace.InitAsync(Path.Combine(arguments.Cache, name), TimeProvider.System, cancellationToken);
        await Ingest.AddAsync(workspace, new IngestOptions { Roots = [Path.GetFullPath(arguments.Get("data", "../shared/data/eurosat"))] }, new PoolEngine(Environment.ProcessorCount), null, cancellationToken);
        var byClass = new SortedDictionary<string, List<ImageId>>(StringComparer.Ordinal);
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            using var manifest = workspace.OpenManifest(partition);
            long row = 0;
            foreach (var record in manifest.Read())
            {
                var id = new ImageId(partition.Number, row++);
                if (record.Folder.Length == 0) continue;
                if (!byClass.TryGetValue(record.Folder, out var list)) byClass[record.Folder] = list = [];
                list.Add(id);
            }
        }
        var random = new Random(1);
        return new LearningProject(workspace, [.. byClass.Keys], [.. byClass.Values.Select(list =>
        {
            var images = list.ToArray();
            random.Shuffle(images);
            return images;
        })]);
    }

    /// <summary>The network and the arithmetic of all learning suites: small enough for minutes on a busy processor.</summary>
    public static TrainOptions Options(Arguments arguments) => new()
    {
        Architecture = Enum.Parse<Architecture>(arguments.Get("architecture", nameof(Architecture.SmallCnn)), ignoreCase: true),
        Width = arguments.Get("width", 16),
        BatchSize = arguments.Get("batch", 128),
        EmbeddingSize = 128,
        JoinStatistics = false,
        EarlyStop = 0,
        Threads = arguments.Get("threads", 1),
        Precision = TrainingPrecision.Fp32,
    };

    public Task<EncoderRow> TrainAsync(TrainOptions options, IReadOnlyList<ImageId>? images, CancellationToken cancellationToken) =>
        Training.TrainAsync(workspace, options, new PoolEngine(1), null, cancellationToken, images);

    /// <summary>5-NN by cosine among the given images; a third is known and two thirds are asked about.</summary>
    public Task<EvaluationReport> JudgeAsync(string encoder, IReadOnlyDictionary<ImageId, int> labels, CancellationToken cancellationToken) =>
        EncoderEvaluation.RunAsync(workspace, encoder, labels, classes, new EvaluateOptions { TestShare = 0.667, Threads = 1 }, null, cancellationToken);

    public ValueTask DisposeAsync() => workspace.DisposeAsync();
}
