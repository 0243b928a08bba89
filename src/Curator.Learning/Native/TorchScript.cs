using System.IO.Compression;
using System.Text;
using static TorchSharp.torch;

namespace Curator.Learning.Native;

/// <summary>
/// A program in TorchScript, run by libtorch itself: the way to operations that the binding does not offer, and one call for many operations. The program's file is made here and never lies on a disk.
/// Layout: pytorch, <c>torch/csrc/jit/docs/serialization.md</c>. Methods may be called from many threads. Owns the program.
/// </summary>
internal sealed class TorchScript : IDisposable
{
    // Pickled: an object of the class without attributes, and no constants.
    private static readonly byte[] Data = [0x80, 2, .. "c__torch__\nNet\n)"u8, 0x81, .. "}b."u8], Constants = [0x80, 2, .. ")."u8];

    private readonly jit.ScriptModule _program;

    /// <param name="methods">Methods of <c>__torch__.Net</c> in TorchScript, each line indented by two blanks at least.</param>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">libtorch does not understand it; an operation is missing.</exception>
    public TorchScript(string methods) => _program = jit.load(Archive($"class Net(Module):\n  __parameters__ = []\n  __buffers__ = []\n{methods}"));

    /// <summary>A method that takes tensors in a list and gives such.</summary>
    /// <returns>The caller disposes.</returns>
    public Tensor[] Map(string method, Tensor[] tensors) => (Tensor[])_program.invoke(method, [tensors])!;

    /// <summary>A method that takes a tensor and a list of them and gives a tensor.</summary>
    /// <returns>The caller disposes.</returns>
    public Tensor Apply(string method, Tensor input, Tensor[] tensors) => (Tensor)_program.invoke(method, input, tensors)!;

    public void Dispose() => _program.Dispose();

    private static byte[] Archive(string code)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in ((string, byte[])[])[("data.pkl", Data), ("code/__torch__.py", Encoding.ASCII.GetBytes(code)), ("constants.pkl", Constants), ("version", "3\n"u8.ToArray())])
            {
                using var entry = zip.CreateEntry($"net/{name}", CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }
        return bytes.ToArray();
    }
}
