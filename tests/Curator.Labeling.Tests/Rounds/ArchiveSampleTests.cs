using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Curator.Core.Shards;
using Curator.Labeling.Heads;
using Curator.Labeling.Labelers;
using Curator.Labeling.Rounds;
using Curator.Search.Indexes;

namespace Curator.Labeling.Tests.Rounds;

public sealed class ArchiveSampleTests
{
    private static readonly LearnOptions Options = new() { LabelBudget = 150, RoundSize = 15, Patience = 0, Sample = 400 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Quotas_are_as_even_as_sizes_allow_and_add_up()
    {
        Assert.Equal([3, 10, 10, 7], ArchiveSample.Quotas([3, 50, 12, 7], 30));
        Assert.Equal([3, 50, 12, 7], ArchiveSample.Quotas([3, 50, 12, 7], 1000));
        Assert.Equal([0, 1, 1], ArchiveSample.Quotas([0, 5, 5], 2));
    }

    [Theory]
    [InlineData(SampleKind.Even)]
    [InlineData(SampleKind.Clusters)]
    [InlineData(SampleKind.KCentre)]
    public async Task Weights_add_up_to_the_archive_and_rare_kinds_are_in_a_balanced_sample(SampleKind kind)
    {
        // One kind in forty is rare: about 10 of the rare in an even sample of 400, about 25 in balanced ones.
        await using var made = await SyntheticWorkspace.MakeAsync(Mixture.Draw(4000, 8, 12, 1, 0.025, 0.15, 3), partitions: 2);
        using var source = await EmbeddingSource.OpenAsync(made.Workspace, made.Task.Encoder, Token);
        var eligible = source.Parts.ToDictionary(p => p.Partition.Number, p => p.File.Rows);
        var sample = await ArchiveSample.DrawAsync(made.Workspace, source, [], Options with { Sampling = kind }, 400, eligible, Token);
        Assert.Equal(sample.Images, sample.Images.Distinct().Order());
        Assert.InRange(sample.Images.Length, 390, 400);
        Assert.Equal(4000, sample.Weights.Sum(), 1.0);
        var rare = sample.Images.Count(i => made.Truth.TryGet(i, out var value) && value == 0);
        if (kind == SampleKind.Even) Assert.InRange(rare, 2, 20);
        else Assert.InRange(rare, 18, 110);
        var again = await ArchiveSample.DrawAsync(made.Workspace, source, [], Options with { Sampling = kind }, 400, eligible, Token);
        Assert.Equal(sample.Images, again.Images);
        Assert.Equal(sample.Weights, again.Weights);
    }

    [Theory]
    [InlineData(CandidateKind.Sample)]
    [InlineData(CandidateKind.Neighbours)]
    public async Task Positives_outside_of_the_sample_are_found_through_their_neighbours(CandidateKind candidates)
    {
        // 150 positives of 5,000, about 15 of them in the sample; measured: 60 and more are asked about.
        var data = Mixture.Draw(5000, 8, 30, 2, 0.03, 0.25, 5);
        await using var made = await SyntheticWorkspace.MakeAsync(data, partitions: 2);
        var encoder = await made.Workspace.Catalog.GetEncoderAsync(made.Task.Encoder, Token);
        await Indexing.IndexAsync(made.Workspace, encoder, new IndexOptions(), new DeltaOptions(), new PoolEngine(1), null, Token);
        var options = Options with { Candidates = candidates, Sampling = SampleKind.Even, Sample = 200 };
        var grown = await LearningLoop.RunAsync(made.Workspace, made.Task, made.Example, options, new SimulatedLabeler(made.Truth), null, Token);
        Assert.True(grown.Rounds[^1].Images > grown.Rounds[0].Images);
        Assert.True(grown.Rounds.Skip(1).All(r => r.Cost!.Compared > 0));
        await using var kept = await SyntheticWorkspace.MakeAsync(data, partitions: 2);
        var still = await LearningLoop.RunAsync(kept.Workspace, kept.Task, kept.Example, options with { Candidates = CandidateKind.Sample, ExpandImages = 0 }, new SimulatedLabeler(kept.Truth), null, Token);
        Assert.Equal(still.Rounds[0].Images, still.Rounds[^1].Images);
        Assert.True(grown.Positives > still.Positives + 10, $"{grown.Positives} with expansion, {still.Positives} without");
    }

    [Fact]
    public async Task Features_of_the_pool_stay_where_they_are_while_a_few_rows_join()
    {
        await using var made = await SyntheticWorkspace.MakeAsync(Mixture.Draw(2000, 8, 12, 1, 0.025, 0.15, 3));
        using var source = await EmbeddingSource.OpenAsync(made.Workspace, made.Task.Encoder, Token);
        var pool = await LearnPool.LoadAsync(made.Workspace, source, made.Example, Options with { Sampling = SampleKind.Even }, Token);
        var kernel = new KernelFeatures(8, 64, 0.5f, seed: 7);
        Assert.True(pool.KeepsMapped(kernel));
        AssertMapped();
        pool.Add([.. source.Eligible().Take(400)]);
        AssertMapped();
        ref readonly var before = ref MemoryMarshal.GetReference(pool.Mapped(kernel, 0));
        pool.Add([.. source.Eligible().Skip(400).Take(900)]);
        AssertMapped();
        Assert.True(Unsafe.AreSame(in before, in MemoryMarshal.GetReference(pool.Mapped(kernel, 0))));
        Assert.InRange(pool.Count, LearnPool.MapBlock + 1, 2 * LearnPool.MapBlock);

        void AssertMapped()
        {
            var literal = new float[pool.Count * kernel.OutputDimension];
            kernel.Map(pool.Rows.Span, literal);
            var blocks = Enumerable.Range(0, (pool.Count + LearnPool.MapBlock - 1) / LearnPool.MapBlock).SelectMany(b => pool.Mapped(kernel, b).ToArray());
            Assert.Equal(literal, blocks);
        }
    }

    [Theory]
    [InlineData(CandidateKind.Sample)]
    [InlineData(CandidateKind.Neighbours)]
    public async Task A_run_on_a_sample_that_goes_on_has_the_pool_of_an_undisturbed_one(CandidateKind candidates)
    {
        var data = Mixture.Draw(1500, 8, 15, 2, 0.05, 0.3, 6);
        var options = Options with { LabelBudget = 60, Sample = 200, Candidates = candidates };
        await using var calm = await SyntheticWorkspace.MakeAsync(data);
        await LearningLoop.RunAsync(calm.Workspace, calm.Task, calm.Example, options, new SimulatedLabeler(calm.Truth), null, Token);
        await using var rough = await SyntheticWorkspace.MakeAsync(data);
        for (var rounds = 0; rounds < 4; rounds++)
            await LearningLoop.RunAsync(rough.Workspace, rough.Task, rough.Example, options with { Rounds = rounds }, new SimulatedLabeler(rough.Truth), null, Token);
        for (var round = 0; round < 4; round++)
            Assert.Equal(
                await calm.Workspace.Labels.GetQueueAsync("rare", round, Token), await rough.Workspace.Labels.GetQueueAsync("rare", round, Token));
    }

    [Fact]
    public async Task The_cost_of_a_round_does_not_grow_with_the_archive()
    {
        var costs = new List<RoundCost>();
        foreach (var count in new[] { 2_000, 8_000 })
        {
            await using var made = await SyntheticWorkspace.MakeAsync(Mixture.Draw(count, 8, 20, 2, 0.03, 0.3, 4));
            var report = await LearningLoop.RunAsync(
                made.Workspace, made.Task, made.Example, Options with { LabelBudget = 60, ExpandImages = 4, ExpandNeighbours = 10 }, new SimulatedLabeler(made.Truth), null, Token);
            costs.Add(report.Rounds[^1].Cost!);
        }
        Assert.InRange((double)costs[1].Scored / costs[0].Scored, 0.8, 1.2);
    }
}
