using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Files;
using Curator.Core.Images;
using Curator.Learning.Native;

namespace Curator.Cli;

/// <summary>One finding of <c>doctor</c>.</summary>
/// <param name="NextStep">What to do when it did not pass; empty otherwise.</param>
internal sealed record DoctorCheck(string Name, bool Passed, string Finding, string NextStep = "");

/// <summary>The checks themselves; each is independent, and none changes anything but the marks on vanished and changed pictures.</summary>
internal static class Doctor
{
    private const long ReserveBytes = 1L << 30;

    public static IEnumerable<DoctorCheck> CheckMachine(string folder)
    {
        var vectors = Avx512BW.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "portable";
        yield return new DoctorCheck(
            "machine", true, $"{RuntimeInformation.OSDescription.Trim()}, {Environment.ProcessorCount} cores, {vectors} vectors, .NET {Environment.Version}");
        yield return Guard("tensor library", "Read docs/decisions/0030-loading-libtorch.md.", () =>
        {
            var torch = TorchRuntime.Describe();
            return torch.Available
                ? (true, $"TorchSharp {torch.TorchSharpVersion}, libtorch in {torch.LibraryDirectory}{(torch.ShimPatched ? ", relaxed for this system's C++ library" : "")}, {torch.Threads} threads, oneDNN {(torch.OneDnn ? "on" : "off")}, {torch.CudaDevices} CUDA devices; {torch.Canary}")
                : (false, torch.Problem ?? "not available");
        });
        var drive = new DriveInfo(Path.GetFullPath(folder));
        yield return new DoctorCheck(
            "disk", drive.AvailableFreeSpace >= ReserveBytes, $"{drive.AvailableFreeSpace / (double)ReserveBytes:0.0} GB free at {folder}",
            "Free at least 1 GB, or put the project on another disk.");
    }

    public static async IAsyncEnumerable<DoctorCheck> CheckWorkspaceAsync(
        Workspace workspace, bool sources, bool repair, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var leftovers = AtomicFile.RemoveLeftovers(workspace.Root);
        yield return new DoctorCheck("leftovers", true, $"{leftovers:N0} unfinished files of dead processes removed");

        var broken = await workspace.Labels.VerifyChainAsync(cancellationToken);
        yield return new DoctorCheck(
            "label history", broken is null, broken is null ? "the chain of label events is whole" : $"the chain breaks at event {broken}",
            "Somebody edited curator.db: restore it from a backup.");
        var differing = await DifferingAsync();
        if (repair && differing > 0)
        {
            await workspace.Labels.RebuildProjectionAsync(cancellationToken);
            differing = await DifferingAsync();
        }
        yield return new DoctorCheck(
            "answers", differing == 0, differing == 0 ? "present answers follow from the events" : $"{differing:N0} answers and counts do not follow from the events",
            "curator doctor --repair makes them anew; the events themselves are safe.");

        async Task<int> DifferingAsync() =>
            (await workspace.Labels.VerifyProjectionAsync(cancellationToken)).Count + (await workspace.Labels.VerifyCountsAsync(cancellationToken)).Count;

        var encoders = await workspace.Catalog.GetEncodersAsync(cancellationToken);
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            if (partition.Rows == 0) continue;
            yield return Guard($"manifest {partition.Name}", "curator add the same folders again.", () =>
            {
                using var manifest = workspace.OpenManifest(partition);
                long rows = 0;
                foreach (var _ in manifest.Read()) rows++;
                return (rows == partition.Rows && manifest.Fingerprint == partition.Fingerprint, $"{rows:N0} rows of {partition.Rows:N0}");
            });
            foreach (var encoder in encoders)
            {
                var path = workspace.EmbeddingPath(partition, encoder.Id);
                if (!File.Exists(path)) continue;
                yield return Guard($"embeddings {partition.Name} {encoder.Id}", $"curator embed --encoder {encoder.Id} makes it anew.", () =>
                {
                    using var file = EmbeddingFile.Open(path);
                    var damaged = file.Verify();
                    return (damaged.Count == 0, damaged.Count == 0 ? $"{file.Rows:N0} × {file.Dimension}, every block whole" : $"{damaged.Count:N0} damaged blocks");
                });
            }
            var check = await SourceCheck.RunAsync(workspace, partition, sources, null, cancellationToken);
            yield return new DoctorCheck(
                $"sources {partition.Name}", check.Vanished + check.Changed == 0,
                $"{check.Vanished:N0} vanished, {check.Changed:N0} changed{(check.Examples.Count > 0 ? $" (first: {check.Examples[0].Uri})" : "")}",
                "Put the files back, or curator add the folder again to take the changed ones in.");
        }
    }

    private static DoctorCheck Guard(string name, string nextStep, Func<(bool Passed, string Finding)> check)
    {
        try
        {
            var (passed, finding) = check();
            return new DoctorCheck(name, passed, finding, passed ? "" : nextStep);
        }
        catch (CuratorException e)
        {
            return new DoctorCheck(name, false, e.WhatHappened, e.NextStep);
        }
    }
}
