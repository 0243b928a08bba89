using System.Collections.Concurrent;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Imagery.Decoding;
using Curator.Imagery.Hashing;

namespace Curator.Imagery.Duplicates;

/// <summary>256-bit hashes of the pictures that the 64-bit hash proposes, and 64-bit hashes of turned forms; each file is read once, on all cores.</summary>
internal static class FineHashes
{
    /// <param name="sources">Candidate → file, and its bands and stretch.</param>
    /// <param name="forms">1, or 8 with mirrored and turned forms.</param>
    /// <returns>Candidate → <c>[forms, 4]</c> words; candidates whose file cannot be read are left out.</returns>
    public static ConcurrentDictionary<int, ulong[]> Compute(
        IReadOnlyDictionary<int, (string Path, Rendering Rendering)> sources, int forms, IProgress<StageProgress>? progress, CancellationToken cancellationToken) =>
        Each(sources, "confirm", () => new FineHash(), (hash, image) =>
        {
            var words = new ulong[forms * FineHash.Words];
            if (forms == 1) hash.Of(image.Pixels.Span, image.Width, image.Height, words);
            else hash.AllForms(image.Pixels.Span, image.Width, image.Height, words);
            return words;
        }, progress, cancellationToken);

    /// <returns>Candidate → 64-bit hashes of its eight forms.</returns>
    public static ConcurrentDictionary<int, ulong[]> ComputeTurned(
        IReadOnlyDictionary<int, (string Path, Rendering Rendering)> sources, IProgress<StageProgress>? progress, CancellationToken cancellationToken) =>
        Each(sources, "turn", () => new PerceptualHash(), (hash, image) =>
        {
            var hashes = new ulong[LowFrequencies.Forms];
            hash.AllForms(image.Pixels.Span, image.Width, image.Height, hashes);
            return hashes;
        }, progress, cancellationToken);

    private static ConcurrentDictionary<int, ulong[]> Each<THash>(
        IReadOnlyDictionary<int, (string Path, Rendering Rendering)> sources, string stage, Func<THash> create, Func<THash, DecodedImage, ulong[]> compute,
        IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var found = new ConcurrentDictionary<int, ulong[]>();
        long done = 0;
        Parallel.ForEach(
            sources,
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
            () => (Decoder: new ImageDecoder(), Hash: create()),
            (entry, _, worker) =>
            {
                // By bands and stretch as the 64-bit hash was made, and unfilled like it.
                var result = worker.Decoder.DecodeFile(entry.Value.Path, DecodeOptions.Default with { Rendering = entry.Value.Rendering, ShortestSide = PerceptualHash.DecodedSide });
                if (result.Succeeded) found[entry.Key] = compute(worker.Hash, result.Image!);
                var count = Interlocked.Increment(ref done);
                if (count % 256 == 0 || count == sources.Count) progress?.Report(new StageProgress(stage, count, sources.Count, "images"));
                return worker;
            },
            _ => { });
        return found;
    }
}
