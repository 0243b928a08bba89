using Curator.Benchmarks;
using Curator.Imagery.Isolated;

// One suite a run: dotnet run -c Release --project bench/Curator.Benchmarks -- search [--rows 100000 …]
if (args is ["decode-worker", ..])
{
    using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
    DecoderWorker.Run(Console.OpenStandardInput(), output, new DecoderLimits().MemoryBytes);
    return 0;
}

if (args.Length == 0 || args[0] is "-h" or "--help")
{
    Console.WriteLine("usage: curator-benchmarks SUITE [--option value …]\n\nsuites:");
    foreach (var (name, (help, _)) in Suites.All) Console.WriteLine($"  {name,-20} {help}");
    return 0;
}

if (!Suites.All.TryGetValue(args[0], out var suite))
{
    Console.Error.WriteLine($"No suite '{args[0]}'; there are {string.Join(", ", Suites.All.Keys)}.");
    return 2;
}

suite.Run(new Arguments(args[1..]));
return 0;
