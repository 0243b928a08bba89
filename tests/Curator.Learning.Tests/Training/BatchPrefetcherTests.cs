using Curator.Learning.Tests.Support;
using Curator.Learning.Training;

namespace Curator.Learning.Tests.Training;

public sealed class BatchPrefetcherTests
{
    private const int Side = 32, Images = 20, BatchSize = 4;

    private static readonly TrainOptions Options = new() { Seed = 3 };

    [Fact]
    public void A_step_gets_its_pictures_and_views_whether_steps_are_taken_in_turn_or_jumped_to()
    {
        var pixels = new MemoryPixels(Pictures.Batch(Images, Side), Side);
        using var inTurn = new BatchPrefetcher(pixels, Options, BatchSize, 2);
        var expected = new List<(byte[] Pixels, float[] Affine)>();
        for (var step = 0; step < 12; step++)
        {
            var batch = inTurn.Take(step);
            Assert.Equal(step, batch.Step);
            expected.Add(([.. batch.Pixels], [.. batch.Views.Affine]));
            inTurn.Return(batch);
        }

        using var jumping = new BatchPrefetcher(pixels, Options, BatchSize, 2);
        foreach (var step in new[] { 7, 8, 2, 11, 0, 1, 2 })
        {
            var batch = jumping.Take(step);
            Assert.Equal(expected[step].Pixels, batch.Pixels);
            Assert.Equal(expected[step].Affine, batch.Views.Affine);
            jumping.Return(batch);
        }
    }

    [Fact]
    public void The_batch_holds_the_pictures_of_the_epochs_order_and_two_different_views_of_each()
    {
        var pixels = new MemoryPixels(Pictures.Batch(Images, Side), Side);
        using var batches = new BatchPrefetcher(pixels, Options, BatchSize, 2);
        var batch = batches.Take(6);
        var order = new EpochOrder(Images, BatchSize, Options.Seed);

        var picture = new byte[Side * Side * 3];
        var images = order.Of(6).ToArray();
        for (var i = 0; i < BatchSize; i++)
        {
            pixels.Copy(images[i], picture);
            Assert.Equal(picture, batch.Pixels.AsSpan(i * picture.Length, picture.Length).ToArray());
        }
        Assert.Equal(2 * BatchSize, batch.Views.Count);
        Assert.NotEqual(batch.Views.Affine[..(BatchSize * 6)], batch.Views.Affine[(BatchSize * 6)..]);
    }

    [Fact]
    public void An_error_while_preparing_reaches_the_one_who_takes()
    {
        using var batches = new BatchPrefetcher(new Broken(), Options, BatchSize, 2);

        Assert.Throws<InvalidDataException>(() => batches.Take(0));
    }

    [Fact]
    public void Preparing_stops_when_it_is_some_steps_ahead_and_ends_with_the_owner()
    {
        var pixels = new Counting(new MemoryPixels(Pictures.Batch(Images, Side), Side));
        using (var batches = new BatchPrefetcher(pixels, Options, BatchSize, 2))
        {
            batches.Return(batches.Take(0));
        }
        // One taken, the queue full, one in hand.
        Assert.InRange(pixels.Copied, BatchSize, BatchSize * (BatchPrefetcher.Capacity + 2));
    }

    private sealed class Broken : IPixelSource
    {
        public int Count => Images;

        public int Side => BatchPrefetcherTests.Side;

        public void Copy(int image, Span<byte> pixels) => throw new InvalidDataException("a damaged cache");
    }

    private sealed class Counting(IPixelSource inner) : IPixelSource
    {
        private int _copied;

        public int Copied => Volatile.Read(ref _copied);

        public int Count => inner.Count;

        public int Side => inner.Side;

        public void Copy(int image, Span<byte> pixels)
        {
            Interlocked.Increment(ref _copied);
            inner.Copy(image, pixels);
        }
    }
}
