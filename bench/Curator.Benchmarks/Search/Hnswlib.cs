using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Curator.Benchmarks.Search;

/// <summary>hnswlib through the shim in bench/peers/hnswlib, compiled for this machine on first use. One thread.</summary>
internal sealed unsafe partial class Hnswlib : IDisposable
{
    private static string? s_library;
    private readonly nint _handle;

    private Hnswlib(nint handle) => _handle = handle;

    /// <summary>Compiles the shim; null, with a line on standard error, where that is not possible.</summary>
    public static string? Prepare(string cache)
    {
        var script = Path.Combine(FindRoot(), "bench", "peers", "hnswlib", "build.sh");
        using var process = Process.Start(new ProcessStartInfo("bash", [script, Path.Combine(cache, "peers")]))!;
        process.WaitForExit();
        var library = Path.Combine(cache, "peers", "libpeer_hnswlib.so");
        if (process.ExitCode != 0 || !File.Exists(library))
        {
            Console.Error.WriteLine("hnswlib could not be compiled here; the run goes on without it.");
            return null;
        }

        if (s_library is null) NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), (name, _, _) => name == "peer_hnswlib" ? NativeLibrary.Load(library) : 0);
        return s_library = library;
    }

    /// <summary>Builds on this thread, or loads what an earlier run built.</summary>
    /// <returns>Processor seconds of the build, 0 when loaded, and bytes of the file, vectors included.</returns>
    public static (Hnswlib Index, double Seconds, long Bytes) BuildOrLoad(string path, float[] rows, int dimension, int links, int efConstruction)
    {
        var count = rows.Length / dimension;
        if (File.Exists(path))
        {
            var loaded = Load(path, dimension, (nuint)count);
            if (loaded != 0) return (new Hnswlib(loaded), 0, new FileInfo(path).Length);
        }

        var handle = Create(dimension, (nuint)count, links, efConstruction);
        var start = ThreadClock.Seconds;
        fixed (float* x = rows)
            for (var i = 0; i < count; i++)
                Add(handle, x + ((long)i * dimension), (nuint)i);
        var seconds = ThreadClock.Seconds - start;
        if (Save(handle, path + ".part") != 1) throw new IOException($"hnswlib could not write {path}.");
        File.Move(path + ".part", path, overwrite: true);
        return (new Hnswlib(handle), seconds, new FileInfo(path).Length);
    }

    public int Search(ReadOnlySpan<float> query, int k, int ef, Span<long> labels)
    {
        fixed (float* q = query)
        fixed (long* l = labels)
            return Search(_handle, q, k, ef, l);
    }

    public void Dispose() => Free(_handle);

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "Curator.slnx")))
                return directory.FullName;
        return Environment.CurrentDirectory;
    }

    [LibraryImport("peer_hnswlib", EntryPoint = "peer_create")]
    private static partial nint Create(int dimension, nuint rows, int links, int efConstruction);

    [LibraryImport("peer_hnswlib", EntryPoint = "peer_load", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Load(string path, int dimension, nuint rows);

    [LibraryImport("peer_hnswlib", EntryPoint = "peer_add")]
    private static partial void Add(nint handle, float* row, nuint label);

    [LibraryImport("peer_hnswlib", EntryPoint = "peer_save", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Save(nint handle, string path);

    [LibraryImport("peer_hnswlib", EntryPoint = "peer_search")]
    private static partial int Search(nint handle, float* query, int k, int ef, long* labels);

    [LibraryImport("peer_hnswlib", EntryPoint = "peer_free")]
    private static partial void Free(nint handle);
}
