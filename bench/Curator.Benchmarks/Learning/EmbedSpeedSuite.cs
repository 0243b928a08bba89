using System.Globalization;
using Curator.Learning.Cache;
using Curator.Learning.Encoders;
using Curator.Learning.Native;
using Curator.Learning.Onnx;
using Curator.Learning.Training;
using static TorchSharp.torch;

namespace Curator.Benchmarks.Learning;

/// <summary>
/// Pictures a second from JPEG files to embeddings, ours (Skia, ONNX Runtime, one picture a row whatever the batch) beside PyTorch eager and ONNX Runtime in Python (PIL), the same
/// network; rounds interleaved, by processor seconds.
/// Options: <c>[--network resnet18:32] [--images FOLDER] [--count 2000] [--threads 2] [--rounds 3] [--peers eager-fp32,eager-bf16,ort] [--python /usr/bin/python3] [--tiles FILE]</c>.
/// </summary>
internal static class EmbedSpeedSuite
{
    public static void Run(Arguments arguments)
    {
        var (count, threads) = (arguments.Get("count", 2000), arguments.Get("threads", 2));
        var folder = arguments.Get("images", "../shared/data/eurosat");
        var network = arguments.Get("network", "resnet18:32");
        var files = Directory.EnumerateFiles(folder, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(count).ToArray();
        TorchRuntime.EnsureLoaded();
        var model = Export(arguments, network, files);
        using var log = new RunLog("embed-speed", arguments);
        var card = new EncoderCard { Name = "bench", Kind = EncoderKind.Onnx, Dimension = Dimension, ImageSize = Tiles.Side };
        using var encoder = new OnnxEncoder(model, card);
        var peers = arguments.Get("peers", "eager-fp32,eager-bf16,ort").Split(',', StringSplitOptions.RemoveEmptyEntries).ToDictionary(
            name => name,
            name => new PeerProcess(
                arguments.Get("python", "/usr/bin/python3"), arguments.Get("script", "bench/peers/pytorch/embed.py"), "--network", network.Split(':')[0], "--width", network.Split(':')[1],
                "--engine", name, "--model", model, "--threads", threads.ToString(CultureInfo.InvariantCulture), "--images", folder));
        try
        {
            var rates = new Dictionary<string, List<Measured>> { ["ours"] = [] };
            foreach (var name in peers.Keys) rates[name] = [];
            for (var round = -1; round < arguments.Get("rounds", 3); round++)
            {
                var ours = Measured.Of(files.Length, () => Embed(files, encoder, threads));
                if (round >= 0) rates["ours"].Add(ours);
                foreach (var (name, peer) in peers)
                {
                    var theirs = peer.Ask(files.Length.ToString(CultureInfo.InvariantCulture));
                    if (round >= 0) rates[name].Add(theirs);
                }
            }
            double Rate(string name) => TrainSpeedSuite.Median(rates[name].Select(one => one.Images / one.Processor));
            foreach (var name in rates.Keys)
                log.Add(
                    ("what", $"{network} {name}"), ("images/cpu-s", Math.Round(Rate(name), 1)), ("images/s wall", Math.Round(TrainSpeedSuite.Median(rates[name].Select(one => one.Images / one.Wall)), 1)),
                    ("oursOverThis", Math.Round(Rate("ours") / Rate(name), 3)), ("about", name == "ours" ? "" : peers[name].Greeting));
        }
        finally
        {
            foreach (var peer in peers.Values) peer.Dispose();
        }
    }

    private const int Dimension = 128;

    /// <summary>An untrained network: the numbers do not matter for the rate.</summary>
    private static string Export(Arguments arguments, string network, string[] files)
    {
        const int some = 256;
        var pixels = new byte[some * Tiles.Side * Tiles.Side * 3];
        var loader = new PictureLoader();
        for (var i = 0; i < some; i++) loader.Load(files[i % files.Length], Tiles.Side, pixels.AsSpan(i * Tiles.Side * Tiles.Side * 3, Tiles.Side * Tiles.Side * 3));
        var source = new MemoryPixels(pixels, Tiles.Side);
        var normalisation = Normalisation.Of(source);
        using var scope = NewDisposeScope();
        using var trainer = new Trainer(TrainSpeedSuite.Options(arguments, network, 16, "fp32"), source, normalisation, TimeProvider.System);
        var whitening = Whitening.Fit(trainer.Features([.. Enumerable.Range(0, some)]), Dimension);
        var path = Path.Combine(arguments.Cache, "embed-speed.onnx");
        File.WriteAllBytes(path, BackboneExport.Write(trainer.Backbone, Tiles.Side, normalisation.Mean, normalisation.Deviation, whitening));
        return path;
    }

    /// <summary>As a shard does it.</summary>
    private static void Embed(string[] files, OnnxEncoder encoder, int threads)
    {
        const int chunk = 128, picture = Tiles.Side * Tiles.Side * 3;
        var embeddings = new float[files.Length * Dimension];
        Parallel.For(0, (files.Length + chunk - 1) / chunk, new ParallelOptions { MaxDegreeOfParallelism = threads }, () => new PictureLoader(), (part, _, loader) =>
        {
            var (first, count) = (part * chunk, Math.Min(chunk, files.Length - (part * chunk)));
            var pixels = new byte[count * picture];
            for (var i = 0; i < count; i++) loader.Load(files[first + i], Tiles.Side, pixels.AsSpan(i * picture, picture));
            encoder.Encode(pixels, count, embeddings.AsSpan(first * Dimension, count * Dimension));
            return loader;
        }, _ => { });
    }
}
