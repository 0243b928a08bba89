using System.Globalization;
using Curator.Core.Catalogs;
using Curator.Learning.Cache;
using Curator.Learning.Encoders;
using Curator.Learning.Native;
using Curator.Learning.Onnx;
using Curator.Learning.Training;
using static TorchSharp.torch;

namespace Curator.Benchmarks.Learning;

/// <summary>
/// Pictures a second from JPEG files to embeddings, ours (Skia; ONNX Runtime in single precision, libtorch in bfloat16) beside PyTorch eager and ONNX Runtime in Python (PIL) and ONNX Runtime in Node (sharp), the
/// same network; rounds interleaved, by processor seconds.
/// Options: <c>[--network resnet18:32] [--images FOLDER] [--count 2000] [--threads 2] [--rounds 3] [--peers eager-fp32,eager-bf16,ort-node,ort] [--python /usr/bin/python3] [--tiles FILE]</c>.
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
        var (model, weights, whitening) = Export(arguments, network, files);
        using var log = new RunLog("embed-speed", arguments);
        using var single = new OnnxEncoder(model, weights.Encoder.Card);
        using var halved = Processor.HasBFloat16 ? new TorchEncoder(weights, whitening, new NetworkComputation("cpu", BFloat16: true)) : null;
        var own = ((string Name, IImageEncoder? Encoder)[])[("ours", single), (Halved, halved)];
        var peers = arguments.Get("peers", "eager-fp32,eager-bf16,ort-node").Split(',', StringSplitOptions.RemoveEmptyEntries).ToDictionary(
            name => name, name => Peer(arguments, name, network, model, threads, folder));
        try
        {
            var rates = own.Where(way => way.Encoder is not null).Select(way => way.Name).Concat(peers.Keys).ToDictionary(name => name, _ => new List<Measured>());
            for (var round = -1; round < arguments.Get("rounds", 3); round++)
            {
                foreach (var (name, encoder) in own)
                {
                    if (encoder is null) continue;
                    var ours = Measured.Of(files.Length, () => Embed(files, encoder, threads));
                    if (round >= 0) rates[name].Add(ours);
                }
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
                    ("oursOverThis", Math.Round(Rate("ours") / Rate(name), 3)), ("halvedOverThis", halved is null ? 0 : Math.Round(Rate(Halved) / Rate(name), 3)),
                    ("about", peers.TryGetValue(name, out var peer) ? peer.Greeting : ""));
        }
        finally
        {
            foreach (var peer in peers.Values) peer.Dispose();
        }
    }

    private const int Dimension = 128;

    private const string Halved = "ours-bf16";

    private static PeerProcess Peer(Arguments arguments, string name, string network, string model, int threads, string folder)
    {
        string[] common = ["--model", model, "--threads", threads.ToString(CultureInfo.InvariantCulture), "--images", folder];
        return name == "ort-node"
            ? new PeerProcess("env", [$"NODE_PATH={NodePeer.Install(arguments.Cache)}", "node", Path.Combine(NodePeer.Folder, "embed.mjs"), .. common])
            : new PeerProcess(
                arguments.Get("python", "/usr/bin/python3"),
                [arguments.Get("script", "bench/peers/pytorch/embed.py"), "--network", network.Split(':')[0], "--width", network.Split(':')[1], "--engine", name, .. common]);
    }

    /// <summary>An untrained network: the numbers do not matter for the rate.</summary>
    private static (string Model, NetworkWeights Weights, Whitening Whitening) Export(Arguments arguments, string network, string[] files)
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
        var card = new EncoderCard
        {
            Name = "bench", Kind = EncoderKind.Onnx, Dimension = Dimension, ImageSize = Tiles.Side, Mean = normalisation.Mean, Deviation = normalisation.Deviation,
        };
        var row = new EncoderRow(card.Name, 1, card.Fingerprint, card.Dimension, DateTimeOffset.UnixEpoch);
        return (path, new NetworkWeights(new StoredEncoder(row, card), trainer.Backbone.Plan, TensorTable.ToArrays(TensorTable.Of("", trainer.Backbone))), whitening);
    }

    /// <summary>As a shard does it.</summary>
    private static void Embed(string[] files, IImageEncoder encoder, int threads)
    {
        const int chunk = 128, picture = Tiles.Side * Tiles.Side * 3;
        var embeddings = new float[files.Length * Dimension];
        Parallel.For(0, (files.Length + chunk - 1) / chunk, new ParallelOptions { MaxDegreeOfParallelism = threads }, () => (Loader: new PictureLoader(), Pixels: new byte[chunk * picture]), (part, _, own) =>
        {
            var (first, count) = (part * chunk, Math.Min(chunk, files.Length - (part * chunk)));
            for (var i = 0; i < count; i++) own.Loader.Load(files[first + i], Tiles.Side, own.Pixels.AsSpan(i * picture, picture));
            encoder.Encode(own.Pixels.AsSpan(0, count * picture), count, embeddings.AsSpan(first * Dimension, count * Dimension));
            return own;
        }, _ => { });
    }
}
