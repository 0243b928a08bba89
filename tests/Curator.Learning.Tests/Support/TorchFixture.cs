using Curator.Learning.Native;

namespace Curator.Learning.Tests.Support;

/// <summary>
/// Loads libtorch once with one thread. Tests with tensors are one collection: they share the process-wide thread count and
/// random state, so they run one after the other.
/// </summary>
public sealed class TorchFixture
{
    public TorchFixture() => TorchRuntime.SetThreads(1);
}

[CollectionDefinition(Name)]
public sealed class TorchTests : ICollectionFixture<TorchFixture>
{
    public const string Name = "tensors";
}
