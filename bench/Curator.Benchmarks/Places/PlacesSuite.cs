using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Manifests;
using Curator.Server;
using Curator.Server.Security;

namespace Curator.Benchmarks.Places;

/// <summary>
/// Views of many footprints over HTTP: the first one, which reads the manifests, then the world, a continent, a region and a town, with and without labels and days; time and bytes of the answer.
/// Options: <c>[--images 100000,1000000] [--repeats 15]</c>.
/// </summary>
internal static class PlacesSuite
{
    private const string Task = "island";

    private static readonly (string Name, string Query)[] s_views =
    [
        ("world", "across=32"),
        ("world, found", "across=32&show=found"),
        ("world, a year", "across=32&from=2021-01-01&to=2021-12-31"),
        ("continent", "across=32&west=-20&east=52&south=-36&north=38"),
        ("region", "across=32&west=10&east=18&south=40&north=46"),
        ("town", "across=32&west=12&east=12.4&south=41.8&north=42"),
    ];

    public static void Run(Arguments arguments) => RunAsync(arguments).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments)
    {
        using var log = new RunLog("places", arguments);
        foreach (var images in arguments.GetList("images", 100_000, 1_000_000))
        {
            var root = Directory.CreateTempSubdirectory("curator-bench-places-").FullName;
            try
            {
                await MeasureAsync(log, root, images, arguments.Get("repeats", 15));
            }
            finally
            {
                Directory.Delete(root, recursive: true);
            }
        }
    }

    private static async Task MeasureAsync(RunLog log, string root, int images, int repeats)
    {
        await using var workspace = await Workspace.InitAsync(root, TimeProvider.System, CancellationToken.None);
        await FillAsync(workspace, images);
        await using var server = await CuratorServer.StartAsync(workspace, new ServeOptions { Port = 0 }, CancellationToken.None);
        using var client = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = server.Address };
        var (_, token) = await server.Links.CreateAsync(Role.Reviewer, null, TimeSpan.FromHours(1), null, CancellationToken.None);
        (await client.PostAsJsonAsync("/api/session", new { token })).EnsureSuccessStatusCode();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var first = await TimeAsync(client, s_views[0].Query);
        log.Add(("images", images), ("view", "first of all"), ("ms", first.Milliseconds), ("ms_max", first.Milliseconds), ("bytes", first.Bytes), ("held_MiB", (GC.GetTotalMemory(forceFullCollection: true) - before) / 1048576.0));
        foreach (var (name, query) in s_views)
        {
            var times = new List<double>();
            long bytes = 0;
            for (var i = 0; i < repeats; i++)
            {
                var (milliseconds, length) = await TimeAsync(client, query);
                times.Add(milliseconds);
                bytes = length;
            }
            times.Sort();
            log.Add(("images", images), ("view", name), ("ms", times[times.Count / 2]), ("ms_max", times[^1]), ("bytes", bytes), ("held_MiB", 0));
        }
    }

    private static async Task<(double Milliseconds, long Bytes)> TimeAsync(HttpClient client, string query)
    {
        var watch = Stopwatch.StartNew();
        var answer = await client.GetByteArrayAsync($"/api/tasks/{Task}/places?{query}");
        return (watch.Elapsed.TotalMilliseconds, answer.Length);
    }

    /// <summary>Half spread evenly over the Earth, half near a thousand towns; a hundredth answered.</summary>
    private static async Task FillAsync(Workspace workspace, int images)
    {
        var random = new Random(1);
        var towns = Enumerable.Range(0, 1000).Select(_ => (Latitude: Latitude(random), Longitude: random.NextDouble() * 359 - 180)).ToArray();
        var partition = await workspace.Catalog.GetOrAddPartitionAsync("tiles", "native", "all", CancellationToken.None);
        using (var manifest = ManifestWriter.Create(workspace.ManifestPath(partition)))
        {
            for (var i = 0; i < images; i++)
            {
                var town = towns[random.Next(towns.Length)];
                var (south, west) = i % 2 == 0 ? (Latitude(random), random.NextDouble() * 359 - 180) : (town.Latitude + random.NextDouble(), Math.Min(179, town.Longitude + random.NextDouble()));
                manifest.Append(Record(i, new BoundingBox(south, west, south + 0.05, west + 0.05), random.Next(3650)));
            }
            var (rows, fingerprint) = manifest.Commit();
            await workspace.Catalog.SetManifestAsync(partition.Number, rows, fingerprint, CancellationToken.None);
        }
        await workspace.Labels.GetOrAddTaskAsync(new LabelingTask(Task, "Is there an island?", ["yes", "no"], null, null, "", DateTimeOffset.UnixEpoch), CancellationToken.None);
        foreach (var some in Enumerable.Range(0, images / 100).Chunk(1000))
            await workspace.Labels.AppendAsync(
                [.. some.Select(n => new NewLabelEvent($"b{n}", Task, new ImageId(partition.Number, n * 100L), "ann", "s", LabelEventKind.Label, n % 20 == 0 ? "yes" : "no"))], CancellationToken.None);
    }

    /// <summary>Even over the sphere.</summary>
    private static double Latitude(Random random) => Math.Asin(1.96 * random.NextDouble() - 0.98) * 180 / Math.PI;

    private static ImageRecord Record(int i, BoundingBox box, int day) => new()
    {
        Uri = string.Create(CultureInfo.InvariantCulture, $"/tiles/{i:D7}.jpg"),
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(i))),
        SizeBytes = 3000,
        ModifiedNanoseconds = 1,
        Width = 64,
        Height = 64,
        Channels = 3,
        BitDepth = 8,
        Folder = "",
        PerceptualHash = (ulong)i,
        MeanLuma = 100,
        LumaDeviation = 20,
        NoDataShare = 0,
        TakenAt = new DateTimeOffset(2015, 1, 1, 12, 0, 0, TimeSpan.Zero).AddDays(day),
        Footprint = box,
    };
}
