using System.Diagnostics;
using System.Globalization;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Imagery;
using Curator.Imagery.Decoding;
using Curator.Imagery.Duplicates;
using Curator.Imagery.Hashing;
using Curator.Imagery.Ingest;
using Curator.Imagery.Resizing;
using Curator.Imagery.Scenes;
using Curator.Imagery.Thumbnails;

// cut SCENE FOLDER        256×256 JPEG tiles of a large picture
// tiling SCENE WORK       the scene enlarged to 8192×4096, cut into 512×512 JPEG tiles that overlap by half; tiles per second
// decode FOLDER PASSES    decode and resize to 224×224; prints images per CPU second
// hash FOLDER PASSES      decode and 64-bit perceptual hash, of the whole picture (as add does) and of one decoded small (as duplicates --turned does); prints images per CPU second
// parts FOLDER PASSES     what decoding, resizing and hashing are made of, each alone; prints images per CPU second
// bits FOLDER            by how many bits the hashes of its JPEGs change when they are decoded small
// pairs COUNT RADIUS      all pairs of random 64-bit hashes within a radius, one thread
// copies FOLDER COUNT     changed copies of tiles of each class folder: precision and recall of the duplicate search, change by change
// ingest PROJECT FOLDER   takes a folder in; prints images per CPU second and the peak memory
switch (args)
{
    case ["cut", var scene, var folder]:
        var options = new TilerOptions { TileWidth = 256, TileHeight = 256, Overlap = 0, Boundary = TileBoundary.Discard, Quality = 85 };
        var count = SceneTiler.Cut(scene, new BoundingBox(-90, -180, 90, 180), new DateOnly(2020, 9, 27), folder, options, CancellationToken.None).Count();
        Console.WriteLine($"{count} tiles");
        return 0;
    case ["tiling", var scene, var work]:
        Tiling(scene, work);
        return 0;
    case ["decode", var folder, var passes]:
        Decode(Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToArray(), int.Parse(passes, CultureInfo.InvariantCulture));
        return 0;
    case ["hash", var folder, var passes]:
        Hash(Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToArray(), int.Parse(passes, CultureInfo.InvariantCulture));
        return 0;
    case ["parts", var folder, var passes]:
        Parts.Run(Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToArray(), int.Parse(passes, CultureInfo.InvariantCulture));
        return 0;
    case ["bits", var folder]:
        Parts.Bits(Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray());
        return 0;
    case ["pairs", var many, var radius]:
        Pairs(int.Parse(many, CultureInfo.InvariantCulture), int.Parse(radius, CultureInfo.InvariantCulture));
        return 0;
    case ["copies", var folder, var perClass]:
        await ChangedCopies.RunAsync(folder, int.Parse(perClass, CultureInfo.InvariantCulture));
        return 0;
    case ["ingest", var project, var folder]:
        await IngestAsync(project, folder);
        return 0;
    default:
        Console.Error.WriteLine("cut SCENE FOLDER | tiling SCENE WORK | decode FOLDER PASSES | hash FOLDER PASSES | pairs COUNT RADIUS | copies FOLDER COUNT | ingest PROJECT FOLDER");
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

static void Tiling(string scene, string work)
{
    const int Width = 8192, Height = 4096;
    var image = new ImageDecoder().DecodeFile(scene, DecodeOptions.Default).Image!;
    var large = new byte[3 * Width * Height];
    new Resizer().Resize(image.Pixels.Span, image.Width, image.Height, large, Width, Height);
    var path = Path.Combine(work, "large.jpg");
    File.WriteAllBytes(path, new Thumbnailer().Jpeg(new RgbImage(Width, Height, large), Width, 90));
    for (var round = 0; round < 3; round++)
    {
        var (before, watch) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
        var options = new TilerOptions { TileWidth = 512, TileHeight = 512, Overlap = 0.5 };
        var count = SceneTiler.Cut(path, new BoundingBox(-90, -180, 90, 180), new DateOnly(2020, 9, 27), Path.Combine(work, $"large-{round}"), options, CancellationToken.None).Count();
        var seconds = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} tiles: {count / watch.Elapsed.TotalSeconds:0} a second, {count / seconds:0} a processor second"));
    }
}

static void Hash(string[] files, int passes)
{
    var decoder = new ImageDecoder();
    var hash = new PerceptualHash();
    ulong sum = 0;
    foreach (var (name, options) in new[] { ("whole", DecodeOptions.Default), ("small", new DecodeOptions { ShortestSide = PerceptualHash.DecodedSide }) })
    {
        for (var i = 0; i < 4; i++) Pass(options);
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < passes; i++) Pass(options);
        var seconds = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"curator, decoded {name}: {files.Length * passes / seconds:0}"));
    }

    Trace.WriteLine(sum);

    void Pass(DecodeOptions options)
    {
        foreach (var file in files)
        {
            var image = decoder.DecodeFile(file, options).Image!;
            sum += hash.Of(image.Pixels.Span, image.Width, image.Height);
        }
    }
}

static void Pairs(int count, int radius)
{
    var random = new Random(1);
    var hashes = new ulong[count];
    for (var i = 0; i < count; i++) hashes[i] = ((ulong)random.NextInt64(1L << 32) << 32) | (ulong)random.NextInt64(1L << 32);
    HammingPairs.Find(hashes.AsSpan(0, Math.Min(count, 50_000)), radius, _ => { }, CancellationToken.None);
    long pairs = 0;
    var watch = Stopwatch.StartNew();
    var before = Environment.CpuUsage.TotalTime;
    var comparisons = HammingPairs.Find(hashes, radius, _ => pairs++, CancellationToken.None);
    var seconds = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{count} hashes, radius {radius}: {pairs} pairs, {comparisons} comparisons, {seconds:0.00} processor seconds, {watch.Elapsed.TotalSeconds:0.00} s"));
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
