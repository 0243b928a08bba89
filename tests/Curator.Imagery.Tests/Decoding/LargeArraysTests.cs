using System.Runtime.CompilerServices;
using Curator.Imagery.Decoding;

namespace Curator.Imagery.Tests.Decoding;

public sealed class LargeArraysTests
{
    [Fact]
    public void Arrays_of_very_large_pictures_are_collected_when_they_are_given_up()
    {
        var array = Allocate();
        LargeArrays.GiveUp(200 << 20);
        Assert.False(array.IsAlive);
    }

    [Fact]
    public void Work_arrays_of_any_size_are_lent_and_taken_back()
    {
        foreach (var bytes in (int[])[0, 1, 1000, 8 << 20, (8 << 20) + 1])
        {
            var array = LargeArrays.Rent(bytes);
            Assert.True(array.Length >= bytes);
            LargeArrays.Return(array);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Allocate() => new(new byte[200 << 20]);
}
