using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Imagery.Ingest;

namespace Curator.Imagery.Tests.Ingest;

/// <summary>A real project in a folder of its own, and what it holds.</summary>
internal sealed class IngestFixture(TemporaryFolder folder) : IDisposable
{
    public static async Task<IngestReport> AddAsync(string project, IngestOptions options, int workers = 2, CancellationToken cancellationToken = default)
    {
        await using var workspace = await Workspace.InitAsync(project, TimeProvider.System, cancellationToken);
        return await Imagery.Ingest.Ingest.AddAsync(workspace, options, new PoolEngine(workers), null, cancellationToken);
    }

    public string Project { get; } = folder["project"];

    public Task<IngestReport> AddAsync(params string[] roots) => AddAsync(Project, new IngestOptions { Roots = roots });

    public async Task<IReadOnlyList<ImageRecord>> RowsAsync(int partition = 1)
    {
        await using var workspace = await Workspace.OpenAsync(Project, TimeProvider.System, CancellationToken.None);
        var found = (await workspace.Catalog.GetPartitionsAsync(CancellationToken.None)).Single(p => p.Number == partition);
        using var manifest = workspace.OpenManifest(found);
        Assert.Equal((found.Rows, found.Fingerprint), (manifest.Rows, manifest.Fingerprint));
        return [.. manifest.Read()];
    }

    public async Task<IReadOnlyDictionary<long, Core.Catalogs.ImageState>> StatesAsync()
    {
        await using var workspace = await Workspace.OpenAsync(Project, TimeProvider.System, CancellationToken.None);
        return await workspace.Catalog.GetImageStatesAsync(1, CancellationToken.None);
    }

    public async Task<Dictionary<string, ImageProblem>> RejectedAsync()
    {
        await using var workspace = await Workspace.OpenAsync(Project, TimeProvider.System, CancellationToken.None);
        var found = new Dictionary<string, ImageProblem>();
        await foreach (var file in workspace.Catalog.GetRejectedAsync(1, CancellationToken.None)) found.Add(file.Uri, file.Problem);
        return found;
    }

    public static byte[] ManifestBytes(string project) => File.ReadAllBytes(Directory.GetFiles(project, "images.parquet", SearchOption.AllDirectories).Single());

    public byte[] ManifestBytes() => ManifestBytes(Project);

    public void Dispose() => folder.Dispose();
}
