using CsCheck;
using Curator.Search.Kernels;

namespace Curator.Search.Tests.Kernels;

public sealed class NearestReservoirTests
{
    [Fact]
    public void Holds_the_k_smallest_of_any_stream_in_any_order() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[-50, 50].Array[0, 3000], Gen.Int[0, 1000]).Sample((k, values, seed) =>
        {
            var ids = Enumerable.Range(0, values.Length).ToArray();
            new Random(seed).Shuffle(ids);
            var reservoir = new NearestReservoir(k);
            foreach (var id in ids) reservoir.Add(values[id] / 7f, (uint)id);
            var expected = Enumerable.Range(0, values.Length).OrderBy(id => values[id]).ThenBy(id => id).Take(k).Select(id => (uint)id);
            var actual = reservoir.Sorted().ToArray();
            return expected.SequenceEqual(actual.Select(NearestReservoir.IdOf))
                && actual.All(key => NearestReservoir.DistanceOf(key) == values[NearestReservoir.IdOf(key)] / 7f);
        });

    [Fact]
    public void Keys_sort_as_their_distances_and_zero_has_one_key()
    {
        float[] distances = [float.NegativeInfinity, -3, -1e-20f, 0, 1e-40f, 0.5f, 2, float.MaxValue];
        for (var i = 1; i < distances.Length; i++)
            Assert.True(NearestReservoir.Key(distances[i - 1], uint.MaxValue) < NearestReservoir.Key(distances[i], 0));
        Assert.Equal(NearestReservoir.Key(0f, 3), NearestReservoir.Key(-0f, 3));
        Assert.All(distances, distance => Assert.Equal(distance, NearestReservoir.DistanceOf(NearestReservoir.Key(distance, 1))));
    }

    [Fact]
    public void Ignores_what_is_not_a_number()
    {
        var reservoir = new NearestReservoir(2);
        reservoir.Add(float.NaN, 1);
        reservoir.Add(1, 2);
        Assert.Equal(1, reservoir.Sorted().Length);
    }
}
