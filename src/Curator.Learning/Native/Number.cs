using TorchSharp;
using static TorchSharp.torch;

namespace Curator.Learning.Native;

/// <summary>
/// Numbers for tensor operations. TorchSharp makes an object with a finalizer of each number that is given to an operation, and keeps only its address while libtorch reads it: a garbage
/// collection at that moment frees the number, and the operation reads what is there instead. Numbers from here outlive the operation that they are given to: each thread keeps its last
/// <see cref="Kept"/>, no operation takes more than three, and a thread does one operation at a time. Never keep one in a variable over other operations. Thread-safe.
/// </summary>
internal static class Number
{
    /// <summary>Numbers that a thread keeps before the oldest is freed.</summary>
    public const int Kept = 16;

    [ThreadStatic]
    private static Scalar?[]? s_kept;

    [ThreadStatic]
    private static int s_next;

    public static Scalar Of(double value) => Keep(value.ToScalar());

    /// <summary>A whole number: tensors of whole numbers stay such.</summary>
    public static Scalar Of(long value) => Keep(value.ToScalar());

    /// <summary>The sum; the operator + makes a number that nothing keeps, even between two tensors.</summary>
    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, Of(1));

    /// <inheritdoc cref="Plus(Tensor, Tensor)"/>
    public static Tensor Plus(this Tensor left, double right) => left.add(Of(right), Of(1));

    public static Tensor Squared(this Tensor tensor) => tensor.pow(Of(2));

    /// <summary>Adds to the tensor itself, and gives it back.</summary>
    public static Tensor Increase(this Tensor tensor, Tensor by) => tensor.add_(by, Of(1));

    /// <inheritdoc cref="Increase(Tensor, Tensor)"/>
    public static Tensor Increase(this Tensor tensor, double by) => tensor.add_(Of(by), Of(1));

    private static Scalar Keep(Scalar number)
    {
        var kept = s_kept ??= new Scalar?[Kept];
        kept[s_next]?.Dispose();
        kept[s_next] = number;
        s_next = (s_next + 1) % Kept;
        return number;
    }
}
