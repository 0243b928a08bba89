namespace Curator.Learning.Native;

/// <summary>What the processor can do that .NET does not tell.</summary>
internal static class Processor
{
    /// <summary>Whether bfloat16 products are instructions (AVX-512 BF16 or AMX); without them bfloat16 is slower than single.</summary>
    public static bool HasBFloat16 { get; } = Flags().Any(flag => flag is "avx512_bf16" or "amx_bf16");

    private static string[] Flags()
    {
        const string path = "/proc/cpuinfo";
        if (!File.Exists(path)) return [];
        return File.ReadLines(path).FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
    }
}
