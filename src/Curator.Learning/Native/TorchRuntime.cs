using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Curator.Core;
using TorchSharp;

namespace Curator.Learning.Native;

/// <summary>What <c>curator doctor</c> says about tensors on this machine.</summary>
/// <param name="Available">Whether training can run here.</param>
/// <param name="Problem">Why not, with the next step; null when it can.</param>
/// <param name="TorchSharpVersion">Version of the binding.</param>
/// <param name="LibraryDirectory">Where libtorch was found, or null.</param>
/// <param name="ShimPath">The native half of the binding that is in use.</param>
/// <param name="ShimPatched">Whether the native half had to be relaxed for this system's C++ library.</param>
/// <param name="Threads">Threads of one tensor operation.</param>
/// <param name="OneDnn">Whether oneDNN's kernels are used; off when the canary found them wrong.</param>
/// <param name="Canary">What the check of convolutions said.</param>
/// <param name="CudaDevices">GPUs that training can use.</param>
public sealed record TorchDescription(
    bool Available, string? Problem, string TorchSharpVersion, string? LibraryDirectory, string? ShimPath, bool ShimPatched, int Threads, bool OneDnn, string Canary,
    int CudaDevices);

/// <summary>
/// Loads libtorch, once, before anything touches <see cref="torch"/>. libtorch (half a gigabyte) is not copied beside the program: it is
/// taken from <c>CURATOR_LIBTORCH</c>, from a folder <c>libtorch</c> beside the program, or from the package folder known at build time, in
/// that order. Embedding and searching never come here. Thread-safe. Reasons: docs/decisions/0030-loading-libtorch.md.
/// </summary>
public static class TorchRuntime
{
    /// <summary>Environment variable that names the folder with <c>libtorch_cpu.so</c>.</summary>
    public const string FolderVariable = "CURATOR_LIBTORCH";

    /// <summary>Environment variable that, at 1, tries a libtorch that lacks functions of the binding.</summary>
    public const string UncheckedVariable = "CURATOR_LIBTORCH_UNCHECKED";

    private const string ShimFile = "libLibTorchSharp.so";
    private const string CudaFile = "libtorch_cuda.so";
    private const string MissingVersion = "GLIBCXX_3.4.32";

    // The only symbol of that version in the shim: an empty marker that says which object initialises the standard streams.
    private const string VersionMarker = "_ZSt21ios_base_library_initv";

    private static readonly Lock Gate = new();
    private static State? s_state;

    private sealed record State(string Directory, string Shim, bool Patched, nint LibTorchCpu, bool HasCuda);

    /// <summary>Loads the libraries if that was not done yet, and makes sure that convolutions are right on this processor.</summary>
    /// <exception cref="WorkspaceException">libtorch is not there or cannot run here; says what to do.</exception>
    public static void EnsureLoaded()
    {
        lock (Gate)
        {
            if (s_state is not null) return;
            s_state = Load();
            NativeContext.Bind(s_state.LibTorchCpu);
            NativeContext.DisableNnPack();
            ConvolutionCanary.EnsureChecked(LibraryKey(s_state));
        }
    }

    /// <summary>Loads libtorch if possible and tells all about it; throws nothing.</summary>
    public static TorchDescription Describe()
    {
        var binding = typeof(torch).Assembly.GetName().Version?.ToString(3) ?? "unknown";
        try
        {
            EnsureLoaded();
        }
        catch (CuratorException e)
        {
            return new TorchDescription(false, e.Message, binding, null, null, false, 0, false, "not run", 0);
        }
        return new TorchDescription(
            true, null, binding, s_state!.Directory, s_state.Shim, s_state.Patched, torch.get_num_threads(), NativeContext.OneDnnEnabled, ConvolutionCanary.Verdict,
            ComputeDevice.CudaCount);
    }

    /// <summary>Whether the loaded libtorch is built for CUDA; false before it is loaded.</summary>
    internal static bool HasCudaLibrary => s_state?.HasCuda ?? false;

    /// <summary>Path, length and time of the loaded libtorch: what a check of it holds for.</summary>
    internal static string LibraryIdentity => s_state is null ? "" : LibraryKey(s_state);

    /// <summary>Sets how many threads one tensor operation may use, in the whole process.</summary>
    internal static void SetThreads(int threads)
    {
        EnsureLoaded();
        if (torch.get_num_threads() != threads) torch.set_num_threads(threads);
    }

    /// <summary>Per-user folder for what is derived from the machine: the patched shim, the canary's verdict.</summary>
    internal static string CacheFolder()
    {
        var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(root))
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            root = string.IsNullOrEmpty(home) ? null : Path.Combine(home, ".cache");
        }
        try
        {
            if (root is not null) return Directory.CreateDirectory(Path.Combine(root, "curator", "native")).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A home that cannot be written (containers): a private folder for this process does as well.
        }
        return Directory.CreateTempSubdirectory("curator-native-").FullName;
    }

    private static State Load()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            throw new WorkspaceException(
                $"Training runs on 64-bit x86 Linux; this is {RuntimeInformation.RuntimeIdentifier}.",
                "Train on such a machine and copy the encoder's folder here, or use the encoder 'statistics', which needs no training.");

        TuneAllocator();
        var directory = FindLibtorch();
        var libraries = new Dictionary<string, nint>(StringComparer.Ordinal);
        var cuda = File.Exists(Path.Combine(directory, CudaFile));
        foreach (var name in cuda ? (string[])["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", CudaFile, "libtorch.so"] : ["libc10.so", "libtorch_cpu.so", "libtorch.so"])
            libraries[name] = LoadLibrary(Path.Combine(directory, name));

        var shim = FindShim(directory);
        CheckSymbols(shim, directory, [.. libraries.Values]);
        var patched = false;
        if (!NativeLibrary.TryLoad(shim, out var handle))
        {
            shim = WritePatchedShim(shim);
            patched = true;
            handle = LoadLibrary(shim);
        }
        var cpu = libraries["libtorch_cpu.so"];
        NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, _, _) => name switch
        {
            "LibTorchSharp" => handle,
            "torch_cpu" => cpu,
            "torch_cuda" => libraries.GetValueOrDefault(CudaFile),
            _ => 0,
        });
        return new State(directory, shim, patched, cpu, cuda);
    }

    private static string FindLibtorch()
    {
        var named = Environment.GetEnvironmentVariable(FolderVariable);
        if (!string.IsNullOrEmpty(named))
        {
            if (File.Exists(Path.Combine(named, "libtorch_cpu.so"))) return Path.GetFullPath(named);
            if (File.Exists(Path.Combine(named, "lib", "libtorch_cpu.so"))) return Path.GetFullPath(Path.Combine(named, "lib"));
            throw new WorkspaceException($"{FolderVariable} is '{named}', which holds no libtorch_cpu.so.", $"Set {FolderVariable} to the folder 'lib' of libtorch 2.10, or of PyTorch 2.10 (site-packages/torch/lib).");
        }
        var candidates = new[] { Path.Combine(AppContext.BaseDirectory, "libtorch"), AppContext.BaseDirectory, BuiltWith("LibtorchDirectory") };
        return candidates.FirstOrDefault(folder => folder is not null && File.Exists(Path.Combine(folder, "libtorch_cpu.so")))
            ?? throw new WorkspaceException(
                $"libtorch is not on this machine (looked in {string.Join(", ", candidates.Where(folder => folder is not null))}).",
                $"Unpack libtorch 2.10 (or install PyTorch 2.10) somewhere and set {FolderVariable} to its folder 'lib', or use the encoder 'statistics', which needs no training.");
    }

    private static string FindShim(string libtorch)
    {
        var candidates = new[] { AppContext.BaseDirectory, libtorch, BuiltWith("TorchShimDirectory") };
        return candidates.Where(folder => folder is not null).Select(folder => Path.Combine(folder!, ShimFile)).FirstOrDefault(File.Exists)
            ?? throw new WorkspaceException($"{ShimFile} is missing (looked in {string.Join(", ", candidates.Where(folder => folder is not null))}).", "Install Curator again, or build it from source with 'curator build'.");
    }

    private static string? BuiltWith(string key) =>
        typeof(TorchRuntime).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(attribute => attribute.Key == key)?.Value;

    private static nint LoadLibrary(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new WorkspaceException(
                $"'{path}' cannot be loaded: {Reason(e.Message)}",
                $"Set {FolderVariable} to the folder 'lib' of libtorch or PyTorch 2.10, built for this system.", e);
        }
    }

    /// <summary>
    /// A borrowed libtorch may be of another version. The binding is linked lazily, so a function that is missing would end the process in the middle of a
    /// training; all are looked up before the binding is loaded.
    /// </summary>
    private static void CheckSymbols(string shim, string directory, IReadOnlyList<nint> libraries)
    {
        var missing = MissingSymbols(File.ReadAllBytes(shim), libraries);
        if (missing.Count == 0 || Environment.GetEnvironmentVariable(UncheckedVariable) == "1") return;
        throw new WorkspaceException(
            $"The libtorch in '{directory}' does not fit the binding: {missing.Count} of the functions it calls are missing, first {string.Join(", ", missing.Take(3))}.",
            $"Set {FolderVariable} to the folder 'lib' of libtorch or PyTorch 2.10. ({UncheckedVariable}=1 tries all the same: a training that meets one of them ends the process.)");
    }

    /// <summary>The C++ symbols that a library needs and none of the others, nor what they load, exports.</summary>
    internal static IReadOnlyList<string> MissingSymbols(byte[] library, IReadOnlyList<nint> others) =>
        [.. ElfSymbolVersions.Needed(library).Where(name =>
            name.StartsWith("_Z", StringComparison.Ordinal) && name != VersionMarker && !others.Any(other => NativeLibrary.TryGetExport(other, name, out _)))];

    /// <summary>.NET's first line is a general hint; the loader's own words, where there are any, stand on the lines after it.</summary>
    private static string Reason(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return (lines.FirstOrDefault(line => line.StartsWith('/')) ?? lines.FirstOrDefault() ?? "no reason given").TrimEnd('.') + ".";
    }

    /// <summary>
    /// Writes the relaxed shim into the cache folder under its content's hash. Never in place: a process may have the file mapped, and
    /// rewriting mapped code kills it.
    /// </summary>
    private static string WritePatchedShim(string shim)
    {
        var bytes = File.ReadAllBytes(shim);
        if (!ElfSymbolVersions.TryRelax(bytes, MissingVersion, VersionMarker, "getpid"))
            LoadLibrary(shim); // Not the known cause: let the loader say what it is.

        var folder = Directory.CreateDirectory(Path.Combine(CacheFolder(), Convert.ToHexStringLower(SHA256.HashData(bytes))[..16])).FullName;
        var path = Path.Combine(folder, ShimFile);
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes)) return path;
        var temporary = Path.Combine(folder, $".{ShimFile}.{Environment.ProcessId}.tmp");
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
        return path;
    }

    /// <summary>
    /// Keeps big tensors on the heap and never gives their pages back: without it every step maps and unmaps them, and training in
    /// single precision takes 2.3 times as long. Idle OpenMP threads sleep instead of spinning, so that a shared machine stays usable.
    /// </summary>
    private static void TuneAllocator()
    {
        const int mmapMax = -4, trimThreshold = -1, topPad = -2, arenaMax = -8;
        try
        {
            _ = LibC.MallOpt(mmapMax, 0);
            _ = LibC.MallOpt(trimThreshold, int.MaxValue);
            _ = LibC.MallOpt(topPad, 64 << 20);
            _ = LibC.MallOpt(arenaMax, 1);
            _ = LibC.SetEnv("OMP_WAIT_POLICY", "passive", 0);
            _ = LibC.SetEnv("GOMP_SPINCOUNT", "0", 0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library (musl) has no mallopt: slower, not wrong.
        }
    }

    private static string LibraryKey(State state)
    {
        var library = new FileInfo(Path.Combine(state.Directory, "libtorch_cpu.so"));
        return FormattableString.Invariant($"{library.FullName}|{library.Length}|{library.LastWriteTimeUtc.Ticks}");
    }
}
