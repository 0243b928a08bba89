using System.Globalization;

namespace Curator.Benchmarks;

/// <summary>Options of a suite: pairs of --name value.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = [];

    public Arguments(string[] args)
    {
        if (args.Length % 2 != 0) throw new ArgumentException("Options come in pairs: --name value.", nameof(args));
        for (var i = 0; i < args.Length; i += 2) _values[args[i].TrimStart('-')] = args[i + 1];
        Text = string.Join(' ', args);
    }

    /// <summary>As given, for the log of the run.</summary>
    public string Text { get; }

    public string Get(string name, string otherwise) => _values.GetValueOrDefault(name, otherwise);

    public int Get(string name, int otherwise) => _values.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public int[] GetList(string name, params int[] otherwise) =>
        _values.TryGetValue(name, out var text) ? [.. text.Split(',').Select(part => int.Parse(part, CultureInfo.InvariantCulture))] : otherwise;

    /// <summary>Where data and indexes are kept between runs.</summary>
    public string Cache => Directory.CreateDirectory(Get("cache", Path.Combine(Path.GetTempPath(), "curator-bench"))).FullName;
}
