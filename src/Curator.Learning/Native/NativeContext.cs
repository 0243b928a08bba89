using System.Runtime.InteropServices;

namespace Curator.Learning.Native;

/// <summary>
/// Switches of libtorch that its .NET binding does not offer, called through the exported C++ functions (Itanium mangling, Linux). A switch
/// that this libtorch does not export does nothing and says so in its property. Process-wide unless said otherwise.
/// </summary>
internal static unsafe class NativeContext
{
    private const sbyte CpuDevice = 0, CudaDevice = 1; // c10::DeviceType
    private const sbyte BFloat16 = 15; // c10::ScalarType::BFloat16

    private static nint s_library;
    private static nint s_context;

    /// <summary>Whether oneDNN's kernels are in use.</summary>
    public static bool OneDnnEnabled { get; private set; } = true;

    /// <summary>Whether <see cref="BeginBFloat16"/> has an effect.</summary>
    public static bool HasAutocast { get; private set; }

    public static void Bind(nint libTorchCpu)
    {
        s_library = libTorchCpu;
        var globalContext = (delegate* unmanaged<nint>)Export("_ZN2at13globalContextEv");
        s_context = globalContext is null ? 0 : globalContext();
        HasAutocast = Export("_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb") != 0;
    }

    /// <summary>NNPACK warns once a convolution on processors that it does not know, and is never faster here.</summary>
    public static void DisableNnPack() => Set("_ZN2at7Context20setUserEnabledNNPACKEb", false);

    /// <summary>Turns oneDNN's kernels on or off; off is slow and right everywhere.</summary>
    public static void SetOneDnn(bool enabled)
    {
        if (Set("_ZN2at7Context20setUserEnabledMkldnnEb", enabled)) OneDnnEnabled = enabled;
    }

    /// <summary>Lets cuDNN time its kernels at the first call of each shape; a training has few shapes and calls each a thousand times.</summary>
    public static void SearchKernels() => Set("_ZN2at7Context17setBenchmarkCuDNNEb", true);

    /// <summary>Whether single-precision products on a GPU may use its matrix units with operands of 19 bits. libtorch's own default is yes for convolutions.</summary>
    public static void UseTensor32(ComputeDevice device, bool allowed)
    {
        if (!device.IsCuda) return;
        TorchSharp.torch.backends.cuda.matmul.allow_tf32 = allowed;
        TorchSharp.torch.backends.cudnn.allow_tf32 = allowed;
    }

    /// <summary>
    /// From here to the end of the result's life, matrix products and convolutions of the calling thread on that kind of device run in bfloat16. Never held
    /// across an await.
    /// </summary>
    public static Autocast BeginBFloat16(ComputeDevice device)
    {
        if (!HasAutocast) return default;
        var kind = device.IsCuda ? CudaDevice : CpuDevice;
        ((delegate* unmanaged<sbyte, sbyte, void>)Export("_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE"))(kind, BFloat16);
        ((delegate* unmanaged<sbyte, byte, void>)Export("_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb"))(kind, 1);
        ((delegate* unmanaged<int>)Export("_ZN2at8autocast17increment_nestingEv"))();
        return new Autocast(true, kind);
    }

    private static void EndBFloat16(sbyte kind)
    {
        if (((delegate* unmanaged<int>)Export("_ZN2at8autocast17decrement_nestingEv"))() == 0)
            ((delegate* unmanaged<void>)Export("_ZN2at8autocast11clear_cacheEv"))();
        ((delegate* unmanaged<sbyte, byte, void>)Export("_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb"))(kind, 0);
    }

    private static bool Set(string symbol, bool value)
    {
        var function = (delegate* unmanaged<nint, byte, void>)Export(symbol);
        if (function is null || s_context == 0) return false;
        function(s_context, value ? (byte)1 : (byte)0);
        return true;
    }

    private static nint Export(string symbol) => NativeLibrary.TryGetExport(s_library, symbol, out var address) ? address : 0;

    /// <summary>Ends the bfloat16 region.</summary>
    public readonly ref struct Autocast(bool active, sbyte kind)
    {
        public void Dispose()
        {
            if (active) EndBFloat16(kind);
        }
    }
}
