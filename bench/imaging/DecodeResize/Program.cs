using System.Diagnostics;
using System.Globalization;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Imagery.Decoding;
using Curator.Imagery.Ingest;
using Curator.Imagery.Resizing;
using Curator.Imagery.Scenes;

// cut SCENE FOLDER        256×256 JPEG tiles of a large picture
// decode FOLDER PASSES    decode and resize to 224×224; prints images per CPU second
// ingest PROJECT FOLDER   takes a folder in; prints images per CPU second and the peak memory
switch (args)
{
    case ["cut", var scene, var folder]:
        var options = new TilerOptions { TileWidth = 256, TileHeight = 256, Overlap = 0, Boundary = TileBoundary.Discard, Quality = 85 };
        var count = SceneTiler.Cut(scene, new BoundingBox(-90, -180, 90, 180), new DateOnly(2020, 9, 27), folder, options, CancellationToken.None).Count();
        Console.WriteLine($"{count} tiles");
        return 0;
    case ["decode", var folder, var passes]:
        Decode(Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToArray(), int.Parse(passes, CultureInfo.InvariantCulture));
        return 0;
    case ["ingest", var project, var folder]:
        await IngestAsync(project, folder);
        return 0;
    default:
        Console.Error.WriteLine("cut SCENE FOLDER | decode FOLDER PASSES | ingest PROJECT FOLDER");
        return 2;
}

static void Decode(string[] files, int passes)
{
    var decoder = new ImageDecoder();
    var resizer = new Resizer();
    var target = new byte[224 * 224 * 3];
    long sum = 0;
    for (var i = 0; i < 4; i++) Pass(); // The compiler replaces hot code after some calls.
    var before = Environment.CpuUsage.TotalTime;
    for (var i = 0; i < passes; i++) Pass();
    var seconds = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"curator {files.Length * passes / seconds:0}"));
    Trace.WriteLine(sum);

    void Pass()
    {
        foreach (var file in files)
        {
            var image = decoder.DecodeFile(file, DecodeOptions.Default).Image!;
            resizer.Resize(image.Pixels.Span, image.Width, image.Height, target, 224, 224);
            sum += target[0];
        }
    }
}

static async Task IngestAsync(string project, string folder)
{
    await using var workspace = await Workspace.InitAsync(project, TimeProvider.System, CancellationToken.None);
    var before = Environment.CpuUsage.TotalTime;
    var watch = Stopwatch.StartNew();
    var report = await Ingest.AddAsync(
        workspace, new IngestOptions { Roots = [folder] }, new PoolEngine(Environment.ProcessorCount), null, CancellationToken.None);
    var seconds = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    using var process = Process.GetCurrentProcess();
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"added {report.Added}, there {report.AlreadyThere}, refused {report.Refused.Values.Sum()}; {(report.Added + report.AlreadyThere) / seconds:0} images per CPU second, {watch.Elapsed.TotalSeconds:0.0} s, peak {process.PeakWorkingSet64 >> 20} MiB"));
}
