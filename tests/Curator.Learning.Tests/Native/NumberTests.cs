using System.Runtime.CompilerServices;
using Curator.Learning.Native;
using Curator.Learning.Tests.Support;
using static TorchSharp.torch;

namespace Curator.Learning.Tests.Native;

[Collection(TorchTests.Name)]
public sealed class NumberTests
{
    private static readonly HashSet<string> Unkept = UnkeptNumbers();

    [Fact]
    public void A_number_outlives_collections_until_its_thread_has_made_enough_others()
    {
        var number = Made(0.5);
        Collect();
        Assert.True(number.IsAlive);

        for (var i = 1; i < Number.Kept; i++) Number.Of(i);
        Collect();
        Assert.True(number.IsAlive);

        Number.Of(Number.Kept);
        Collect();
        Assert.False(number.IsAlive);
    }

    [Fact]
    public void Numbers_are_read_right_while_another_thread_collects_garbage()
    {
        using var scope = NewDisposeScope();
        using var stop = new CancellationTokenSource();
        var collecting = new Thread(() =>
        {
            while (!stop.IsCancellationRequested) Collect();
        });
        collecting.Start();
        try
        {
            using var threes = full([8], 3f);
            for (var i = 0; i < 2_000; i++)
            {
                using var powers = threes.pow(Number.Of(2));
                using var sum = powers.Plus(threes).Increase(0.5);
                Assert.Equal(12.5f, sum[0].item<float>());
                Assert.Equal(12.5f, sum[7].item<float>());
            }
        }
        finally
        {
            stop.Cancel();
            collecting.Join();
        }
    }

    [Fact]
    public void Sums_are_those_of_the_operators()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor([1f, -2.5f, 1e-3f]), b = tensor([0.1f, 7, -3]);

        Assert.Equal((a + b).data<float>().ToArray(), a.Plus(b).data<float>().ToArray());
        Assert.Equal((a + 0.3).data<float>().ToArray(), a.Plus(0.3).data<float>().ToArray());
        Assert.Equal((a + b).data<float>().ToArray(), a.clone().Increase(b).data<float>().ToArray());
        Assert.Equal((a + 0.3).data<float>().ToArray(), a.clone().Increase(0.3).data<float>().ToArray());
    }

    [Fact]
    public void No_tensor_operation_is_given_a_number_that_nothing_keeps()
    {
        var unsafeCalls = CallGraph.Of(typeof(Number).Assembly.Location)
            .Where(pair => !pair.Key.StartsWith("Number::", StringComparison.Ordinal))
            // A program's arguments are made numbers where they are such; these give tensors alone.
            .Where(pair => !(pair.Key.StartsWith("TorchScript::", StringComparison.Ordinal) && pair.Value.Where(Unkept.Contains).All(callee => callee.StartsWith("torch.jit.ScriptModule::invoke(", StringComparison.Ordinal))))
            .SelectMany(pair => pair.Value.Where(Unkept.Contains).Select(callee => $"{pair.Key} calls {callee}: give it Number.Of(…), or use Plus, Increase and Squared"));

        Assert.Empty(unsafeCalls);
    }

    [Fact]
    public void The_search_for_such_numbers_finds_those_of_operators_of_arguments_and_of_the_binding_itself()
    {
        var calls = CallGraph.Of(typeof(NumberTests).Assembly.Location)["NumberTests::Careless(torch.Tensor)"];

        Assert.Equal(
            ["Scalar::op_Implicit(Double)", "torch.Tensor::op_Addition(torch.Tensor,torch.Tensor)", "torch.Tensor::op_Multiply(torch.Tensor,Int32)", "torch.Tensor::square()"],
            calls.Where(Unkept.Contains).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("torch.Tensor::mul_(Scalar)", Unkept);
        Assert.Contains("torch.Tensor::mul_(Scalar)", calls);
    }

    /// <summary>Never called: what not to write.</summary>
    internal static Tensor Careless(Tensor x) => ((x * 2) + x.square()).mul_(0.5);

    /// <summary>What makes a number: the conversions, and whatever of the binding uses them inside.</summary>
    private static HashSet<string> UnkeptNumbers()
    {
        var binding = CallGraph.Of(typeof(Tensor).Assembly.Location);
        return CallGraph.Leading(binding, binding.Keys.Where(name =>
            name.StartsWith("Scalar::op_Implicit(", StringComparison.Ordinal) || (name.StartsWith("ScalarExtensionMethods::To", StringComparison.Ordinal) && name.Contains("Scalar(", StringComparison.Ordinal))));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Made(double value) => new(Number.Of(value));

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
