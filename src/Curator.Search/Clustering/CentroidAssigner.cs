using System.Runtime.Intrinsics;
using Curator.Search.Kernels;

namespace Curator.Search.Clustering;

/// <summary>
/// Centroids packed for assignment: row → centroid with the greatest score, where score = x·c − |c|²/2 (nearest centroid, since
/// |x − c|² = |x|² − 2·score) or x·c on the sphere. Immutable, thread-safe. Ties go to the smaller centroid number.
/// </summary>
internal sealed unsafe class CentroidAssigner
{
    private const int BlockRows = 384;
    private readonly float[] _panels;
    private readonly float[] _offsets;

    /// <param name="centroids">[count × dimension], row-major; copied.</param>
    public CentroidAssigner(ReadOnlySpan<float> centroids, int dimension, bool spherical)
    {
        Count = RowBlocks.Count(centroids.Length, dimension, nameof(centroids));
        ArgumentOutOfRangeException.ThrowIfZero(Count);
        Dimension = dimension;
        var panels = PanelKernel.Count(Count);
        _panels = new float[(long)panels * dimension * PanelKernel.Width];
        PanelKernel.Pack(centroids, dimension, _panels);
        _offsets = new float[panels * PanelKernel.Width];
        _offsets.AsSpan(Count).Fill(float.NegativeInfinity);
        if (spherical) return;
        fixed (float* c = centroids)
            for (var i = 0; i < Count; i++)
                _offsets[i] = -0.5f * RowKernels.Dot(c + ((long)i * dimension), c + ((long)i * dimension), dimension);
    }

    public int Count { get; }

    public int Dimension { get; }

    /// <summary>Assigns every row on several threads; the result does not depend on their number.</summary>
    /// <param name="rows">[n × Dimension], row-major.</param>
    /// <param name="assignments">n numbers of centroids.</param>
    /// <param name="scores">n scores of the assigned centroids.</param>
    public void Assign(ReadOnlyMemory<float> rows, Memory<int> assignments, Memory<float> scores, int threads, CancellationToken cancellationToken)
    {
        var count = RowBlocks.Count(rows.Length, Dimension, nameof(rows));
        RowBlocks.Run(count, BlockRows, threads, (first, n) => AssignBlock(
            rows.Span.Slice(first * Dimension, n * Dimension), assignments.Span.Slice(first, n), scores.Span.Slice(first, n)), cancellationToken);
    }

    /// <summary>Scores of all centroids for one query; entries past <see cref="Count"/> are −∞.</summary>
    /// <param name="scores">Count rounded up to a multiple of 16.</param>
    public void Score(ReadOnlySpan<float> query, Span<float> scores)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scores.Length, _offsets.Length);
        fixed (float* q = query, panels = _panels, output = scores)
            for (var p = 0; p * PanelKernel.Width < Count; p++)
                PanelKernel.Dot(panels + ((long)p * Dimension * PanelKernel.Width), q, 1, Dimension, output + (p * PanelKernel.Width));
        for (var i = 0; i < _offsets.Length; i++) scores[i] += _offsets[i];
    }

    /// <summary>Length of the buffer that <see cref="Score"/> fills.</summary>
    public int ScoreLength => _offsets.Length;

    private void AssignBlock(ReadOnlySpan<float> rows, Span<int> assignments, Span<float> scores)
    {
        const int Width = PanelKernel.Width;
        const int Group = PanelKernel.MaxQueries;
        var products = stackalloc float[Group * Width];
        var bestScores = stackalloc float[Group * Width];
        var bestPanels = stackalloc int[Group * Width];
        fixed (float* x = rows, panels = _panels, offsets = _offsets)
        {
            for (var first = 0; first < assignments.Length; first += Group)
            {
                var group = Math.Min(Group, assignments.Length - first);
                new Span<float>(bestScores, Group * Width).Fill(float.NegativeInfinity);
                new Span<int>(bestPanels, Group * Width).Clear();
                for (var p = 0; p * Width < Count; p++)
                {
                    PanelKernel.Dot(panels + ((long)p * Dimension * Width), x + ((long)first * Dimension), group, Dimension, products);
                    for (var i = 0; i < group * Width; i += 8)
                    {
                        var score = Vector256.Load(products + i) + Vector256.Load(offsets + (p * Width) + (i % Width));
                        var best = Vector256.Load(bestScores + i);
                        var better = Vector256.GreaterThan(score, best);
                        if (better == Vector256<float>.Zero) continue;
                        Vector256.ConditionalSelect(better, score, best).Store(bestScores + i);
                        Vector256.ConditionalSelect(better.AsInt32(), Vector256.Create(p), Vector256.Load(bestPanels + i)).Store(bestPanels + i);
                    }
                }

                for (var q = 0; q < group; q++)
                    (assignments[first + q], scores[first + q]) = BestLane(bestScores + (q * Width), bestPanels + (q * Width));
            }
        }
    }

    private static (int Centroid, float Score) BestLane(float* scores, int* panels)
    {
        var centroid = panels[0] * PanelKernel.Width;
        var score = scores[0];
        for (var lane = 1; lane < PanelKernel.Width; lane++)
        {
            var candidate = (panels[lane] * PanelKernel.Width) + lane;
            if (scores[lane] < score || (scores[lane] == score && candidate > centroid)) continue;
            (centroid, score) = (candidate, scores[lane]);
        }

        return (centroid, score);
    }
}
