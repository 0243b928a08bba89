using System.Runtime.InteropServices;

namespace Curator.Learning.Native;

/// <summary>The two functions of the C library that must be called before libtorch is loaded; .NET's own environment is not the one native code reads.</summary>
internal static partial class LibC
{
    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    public static partial int MallOpt(int parameter, int value);

    [LibraryImport("libc.so.6", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetEnv(string name, string value, int overwrite);
}
