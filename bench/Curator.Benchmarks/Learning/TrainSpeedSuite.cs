using System.Globalization;
using Curator.Learning.Networks;
using Curator.Learning.Training;

namespace Curator.Benchmarks.Learning;

/// <summary>
/// Images a second of the same SimCLR step, ours beside PyTorch's: with every picture decoded and augmented on its own as lightly does it, and with our batched views written
/// in PyTorch. Rounds are interleaved; on the processor the rate that counts is that by processor seconds, whoever else keeps the machine busy.
/// Options: <c>[--networks resnet18:64,small-cnn:64] [--batches 256] [--precisions fp32,bf16] [--device cpu] [--threads 2] [--rounds 3] [--steps 2] [--peers lightly,views] [--python /usr/bin/python3]
/// [--images FOLDER] [--tiles FILE]</c>.
/// </summary>
internal static class TrainSpeedSuite
{
    public static void Run(Arguments arguments)
    {
        var tiles = Tiles.Load(arguments);
        var pixels = tiles.Source([.. Enumerable.Range(0, tiles.Names.Length)]);
        var normalisation = Normalisation.Of(pixels);
        using var log = new RunLog("train-speed", arguments);
        foreach (var network in arguments.Get("networks", "resnet18:64,small-cnn:64").Split(','))
            foreach (var batch in arguments.GetList("batches", 256))
                foreach (var precision in arguments.Get("precisions", "fp32,bf16").Split(','))
                    Compare(arguments, log, pixels, normalisation, network, batch, precision);
    }

    private static void Compare(Arguments arguments, RunLog log, MemoryPixels pixels, Normalisation normalisation, string network, int batch, string precision)
    {
        var (rounds, steps) = (arguments.Get("rounds", 3), arguments.Get("steps", 2));
        var options = Options(arguments, network, batch, precision);
        using var trainer = new Trainer(options, pixels, normalisation, TimeProvider.System);
        var peers = arguments.Get("peers", "lightly,views").Split(',', StringSplitOptions.RemoveEmptyEntries)
            // As published it is single precision only.
            .Where(peer => peer != "lightly" || precision == "fp32").ToDictionary(peer => peer, peer => Peer(arguments, options, peer, network, precision));
        try
        {
            var turns = new List<(string Name, Func<Measured> Take)>
            {
                ("ours step", () => Steps(trainer, steps)),
                ("ours views", () => Views(trainer, steps)),
            };
            foreach (var (name, peer) in peers)
            {
                turns.Add(($"{name} step", () => peer.Ask($"{steps} step")));
                turns.Add(($"{name} views", () => peer.Ask($"{steps} views")));
            }
            var sums = turns.ToDictionary(turn => turn.Name, _ => new List<Measured>());
            foreach (var turn in turns) turn.Take(); // Kernels are built and heaps grown.
            for (var round = 0; round < rounds; round++)
                foreach (var turn in turns)
                    sums[turn.Name].Add(turn.Take());
            var gpu = trainer.Device.IsCuda;
            double Rate(string name) => Median(sums[name].Select(one => one.Images / (gpu ? one.Wall : one.Processor)));
            foreach (var name in peers.Keys.Prepend("ours"))
                log.Add(
                    ("what", $"{network} {batch} {precision} {name}"), ("device", trainer.Device.Name),
                    (gpu ? "images/s" : "images/cpu-s", Math.Round(Rate(name + " step"), 2)),
                    ("images/s wall", Math.Round(Median(sums[name + " step"].Select(one => one.Images / one.Wall)), 1)),
                    ("viewsShare", Math.Round(Rate(name + " step") / Rate(name + " views"), 4)),
                    ("oursOverThis", Math.Round(Rate("ours step") / Rate(name + " step"), 3)),
                    ("arithmetic", name == "ours" ? trainer.Arithmetic.ToString() : peers[name].Greeting));
        }
        finally
        {
            foreach (var peer in peers.Values) peer.Dispose();
        }
    }

    internal static TrainOptions Options(Arguments arguments, string network, int batch, string precision)
    {
        var (name, width) = (network.Split(':')[0], int.Parse(network.Split(':')[1], CultureInfo.InvariantCulture));
        return new TrainOptions
        {
            Architecture = name switch { "small-cnn" => Architecture.SmallCnn, "resnet18-small" => Architecture.Resnet18Small, _ => Architecture.Resnet18 },
            Width = width,
            BatchSize = batch,
            Precision = Enum.Parse<TrainingPrecision>(precision, ignoreCase: true),
            Device = arguments.Get("device", "cpu"),
            Threads = arguments.Get("threads", 2),
            Seed = arguments.Get("seed", 1),
            ImageSize = Tiles.Side,
        };
    }

    private static PeerProcess Peer(Arguments arguments, TrainOptions options, string mode, string network, string precision) => new(
        arguments.Get("python", "/usr/bin/python3"), arguments.Get("script", "bench/peers/pytorch/simclr.py"), "--mode", mode, "--network", network.Split(':')[0],
        "--width", options.Width.ToString(CultureInfo.InvariantCulture), "--batch", options.BatchSize!.Value.ToString(CultureInfo.InvariantCulture), "--precision", precision,
        "--device", options.Device, "--threads", options.Threads.ToString(CultureInfo.InvariantCulture), "--images", arguments.Get("images", "../shared/data/eurosat"),
        "--tiles", arguments.Get("tiles", Path.Combine(arguments.Cache, "tiles.bin")));

    private static Measured Steps(Trainer trainer, int steps) => Measured.Of(steps * (long)trainer.BatchSize, () =>
    {
        for (var i = 0; i < steps; i++) trainer.Next(1_000_000);
        trainer.Device.Synchronize();
    });

    private static Measured Views(Trainer trainer, int steps) => Measured.Of(steps * (long)trainer.BatchSize, () =>
    {
        for (var i = 0; i < steps; i++) trainer.Views(trainer.Step + i).Dispose();
        trainer.Device.Synchronize();
    });

    internal static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
