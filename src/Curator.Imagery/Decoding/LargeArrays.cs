using System.Buffers;

namespace Curator.Imagery.Decoding;

/// <summary>
/// Arrays as large as pictures. The runtime collects large arrays only when as much has been asked for anew as it thinks fit, and what it thinks fit grows with what it saw: after a few
/// pictures of 60 megapixels, half a gigabyte of arrays that nobody holds lie beside those in use. Whoever gives one up says so here, and they are collected. Thread-safe.
/// </summary>
internal static class LargeArrays
{
    /// <summary>Bytes above which an array counts; the picture it held took longer than a collection takes.</summary>
    private const int Least = 8 << 20;

    /// <summary>So many bytes may wait.</summary>
    private const long Most = 128 << 20;

    private static long s_waiting;

    /// <summary>An array to work in for the length of one picture, of at least so many bytes and any content.</summary>
    public static byte[] Rent(long bytes) => bytes <= Least ? ArrayPool<byte>.Shared.Rent((int)bytes) : GC.AllocateUninitializedArray<byte>(checked((int)bytes));

    /// <summary>Gives back what <see cref="Rent"/> lent; it must not be used any more.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length > Least) GiveUp(array.Length);
        else if (array.Length > 0) ArrayPool<byte>.Shared.Return(array);
    }

    /// <param name="bytes">Length of an array that the caller holds no more.</param>
    public static void GiveUp(long bytes)
    {
        if (bytes <= Least || Interlocked.Add(ref s_waiting, bytes) <= Most) return;
        Interlocked.Exchange(ref s_waiting, 0);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true); // The only one that gives the memory back to the system at once.
    }
}
