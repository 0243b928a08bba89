using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Curator.Learning.Views;

namespace Curator.Learning.Training;

/// <summary>One step's pictures and what will be done to them.</summary>
/// <param name="Pixels">[B, S, S, C], owned by the prefetcher; with partners [2B, S, S, C], the partners behind.</param>
/// <param name="Views">Of V·B images: the first views of all, then the second, and so on.</param>
internal sealed record PreparedBatch(long Step, byte[] Pixels, ViewParameters Views);

/// <summary>
/// Copies pictures together and draws the views' parameters some steps ahead, on a thread of its own, so that the device never waits for either. What a step gets
/// depends on its number alone, never on when it was prepared. A blocking queue, because both ends are threads that do numeric work. Used by one thread.
/// </summary>
internal sealed class BatchPrefetcher(IPixelSource pixels, TrainOptions options, int batchSize, int views) : IDisposable
{
    /// <summary>Steps prepared ahead.</summary>
    public const int Capacity = 3;

    // Two views have always had the numbers 2 and 3; more come where nothing else is.
    private const int FirstViewStream = 2, PartnerStream = 99, MoreViewsStream = 100;

    private readonly ViewOptions _options = options.Views();
    private readonly ConcurrentBag<byte[]> _free = [];
    private Stream? _stream;

    /// <summary>The step's batch; valid until <see cref="Return"/>.</summary>
    public PreparedBatch Take(long step)
    {
        if (_stream is null || _stream.Next != step)
        {
            _stream?.Dispose();
            _stream = new Stream(this, step);
        }
        return _stream.Take();
    }

    /// <summary>Gives the batch's memory back.</summary>
    public void Return(PreparedBatch batch) => _free.Add(batch.Pixels);

    public void Dispose() => _stream?.Dispose();

    private PreparedBatch Prepare(EpochOrder order, long step)
    {
        var pictureBytes = pixels.PictureBytes;
        if (!_free.TryTake(out var bytes)) bytes = new byte[(pixels.HasPartners ? 2 : 1) * batchSize * pictureBytes];
        var images = order.Of(step);
        for (var i = 0; i < images.Length; i++) pixels.Copy(images[i], bytes.AsSpan(i * pictureBytes, pictureBytes));
        var random = new CounterRandom((ulong)options.Seed, (ulong)step, PartnerStream);
        for (var i = 0; i < images.Length && pixels.HasPartners; i++)
            pixels.CopyPartner(images[i], ref random, bytes.AsSpan((batchSize + i) * pictureBytes, pictureBytes));
        return new PreparedBatch(step, bytes, ViewParameters.Concat([.. Enumerable.Range(0, views).Select(view => Draw(step, view < 2 ? FirstViewStream + view : MoreViewsStream + view))]));
    }

    private ViewParameters Draw(long step, int stream)
    {
        var random = new CounterRandom((ulong)options.Seed, (ulong)step, (ulong)stream);
        return ViewParameters.Draw(_options, batchSize, ref random, pixels.Channels);
    }

    /// <summary>Consecutive steps from one on.</summary>
    private sealed class Stream : IDisposable
    {
        private readonly BatchPrefetcher _owner;
        private readonly BlockingCollection<PreparedBatch> _ready = new(Capacity);
        private readonly CancellationTokenSource _stop = new();
        private readonly Thread _thread;
        private ExceptionDispatchInfo? _error;

        public Stream(BatchPrefetcher owner, long first)
        {
            _owner = owner;
            Next = first;
            _thread = new Thread(() => Run(first)) { IsBackground = true, Name = "curator batches" };
            _thread.Start();
        }

        /// <summary>The step that <see cref="Take"/> gives.</summary>
        public long Next { get; private set; }

        public PreparedBatch Take()
        {
            try
            {
                var batch = _ready.Take();
                Next++;
                return batch;
            }
            catch (InvalidOperationException) when (_error is not null)
            {
                _error.Throw();
                throw;
            }
        }

        public void Dispose()
        {
            _stop.Cancel();
            _thread.Join();
            while (_ready.TryTake(out var batch)) _owner.Return(batch);
            _ready.Dispose();
            _stop.Dispose();
        }

        private void Run(long first)
        {
            var order = new EpochOrder(_owner.PixelCount, _owner.BatchSize, _owner.Seed);
            try
            {
                for (var step = first; ; step++) _ready.Add(_owner.Prepare(order, step), _stop.Token);
            }
            catch (OperationCanceledException)
            {
                // Disposed, or asked for another step.
            }
#pragma warning disable CA1031 // Whatever went wrong is thrown where the batch is taken.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _error = ExceptionDispatchInfo.Capture(e);
                _ready.CompleteAdding();
            }
        }
    }

    private int PixelCount => pixels.Count;

    private int BatchSize => batchSize;

    private int Seed => options.Seed;
}
