using System.Globalization;
using Curator.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace Curator.Learning.Native;

/// <summary>Where the tensors of a training lie and its steps are computed: the processor or one CUDA device. Immutable.</summary>
internal sealed class ComputeDevice
{
    private const string One = "(cpu|cuda(:[0-9]{1,2})?)";

    /// <summary>What a setting may say: one device, or several with commas between them.</summary>
    public const string Pattern = "auto|" + One + "(," + One + "){0,15}";

    private ComputeDevice(Device device, string name)
    {
        Device = device;
        Name = name;
    }

    public Device Device { get; }

    /// <summary><c>cpu</c>, <c>cuda:0</c> …</summary>
    public string Name { get; }

    public bool IsCuda => Device.type == DeviceType.CUDA;

    /// <summary>CUDA devices that the loaded libtorch can use; 0 for one built for the processor alone.</summary>
    public static int CudaCount
    {
        get
        {
            TorchRuntime.EnsureLoaded();
            return TorchRuntime.HasCudaLibrary && cuda.is_available() ? cuda.device_count() : 0;
        }
    }

    /// <param name="name"><c>auto</c> (the first CUDA device, else the processor), <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</param>
    /// <exception cref="WorkspaceException">No such device here.</exception>
    public static ComputeDevice Resolve(string name)
    {
        TorchRuntime.EnsureLoaded();
        var count = name == "cpu" ? 0 : CudaCount;
        if (name == "cpu" || (name == "auto" && count == 0)) return new ComputeDevice(CPU, "cpu");
        var index = name.Split(':') is [_, var digits] ? int.Parse(digits, CultureInfo.InvariantCulture) : 0;
        if (index < count) return new ComputeDevice(new Device(DeviceType.CUDA, index), string.Create(CultureInfo.InvariantCulture, $"cuda:{index}"));
        throw new WorkspaceException(
            count > 0 ? $"There is no device '{name}': this machine has {count} CUDA device(s), numbered from 0."
            : TorchRuntime.HasCudaLibrary ? $"There is no device '{name}': libtorch for CUDA is loaded, but it finds no device that it can use."
            : $"There is no device '{name}': the libtorch in use is built for the processor alone.",
            count > 0 ? "Use --device cuda:0, or --device auto."
            : $"Set {TorchRuntime.FolderVariable} to the folder 'lib' of a libtorch or PyTorch for CUDA (docs/design/learning.md, \"On a GPU\"), or use --device cpu.");
    }

    /// <summary>The devices of a setting, the leading one first.</summary>
    /// <exception cref="WorkspaceException">One is not there.</exception>
    public static IReadOnlyList<ComputeDevice> ResolveAll(string names) => [.. names.Split(',').Select(Resolve)];

    /// <summary>Waits until all that was asked of the device is done.</summary>
    public void Synchronize()
    {
        if (IsCuda) cuda.synchronize(Device);
    }

    /// <summary>A tensor of the array's numbers on this device. To a GPU through page-locked memory, so that the calling thread need not wait for the device.</summary>
    public Tensor Upload(float[] values, params long[] shape) => Place(tensor(values, shape));

    /// <inheritdoc cref="Upload(float[], long[])"/>
    public Tensor Upload(byte[] values, params long[] shape) => Place(tensor(values, shape, dtype: ScalarType.Byte));

    /// <inheritdoc cref="Upload(float[], long[])"/>
    public Tensor Upload(long[] values, params long[] shape) => Place(tensor(values, shape));

    /// <summary>Takes over the argument.</summary>
    private Tensor Place(Tensor host)
    {
        if (!IsCuda) return host;
        using (host)
        using (var locked = host.pin_memory())
            return locked.to(Device, non_blocking: true);
    }
}
