namespace Curator.Server.Images;

/// <summary>
/// Encoded pictures, the longest unused dropped first when they exceed <paramref name="limitBytes"/>. Several requests for one picture share one
/// decode; at most <paramref name="parallel"/> decodes run at a time, the rest wait. A failure is not kept. Thread-safe.
/// </summary>
internal sealed class PictureCache(long limitBytes, int parallel) : IDisposable
{
    private readonly SemaphoreSlim _decoders = new(parallel);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, Task<byte[]> Bytes)>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, Task<byte[]> Bytes)> _order = new();
    private long _sizeBytes;

    public async Task<byte[]> GetAsync(string key, Func<byte[]> render, CancellationToken cancellationToken)
    {
        Task<byte[]> task;
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var node))
            {
                _order.Remove(node);
                _order.AddFirst(node);
                task = node.Value.Bytes;
            }
            else
            {
                // Not the caller's token: others may be waiting for the same picture when the first one leaves.
                task = RenderAsync(key, render);
                _entries[key] = _order.AddFirst((key, task));
            }
        }
        return await task.WaitAsync(cancellationToken);
    }

    public void Dispose() => _decoders.Dispose();

    private async Task<byte[]> RenderAsync(string key, Func<byte[]> render)
    {
        await Task.Yield(); // leaves the lock before anything can fail
        try
        {
            byte[] bytes;
            await _decoders.WaitAsync(CancellationToken.None);
            try
            {
                bytes = render();
            }
            finally
            {
                _decoders.Release();
            }
            Account(bytes.Length);
            return bytes;
        }
        catch
        {
            Forget(key);
            throw;
        }
    }

    private void Account(long added)
    {
        lock (_lock)
        {
            _sizeBytes += added;
            for (var node = _order.Last; node is not null && _sizeBytes > limitBytes;)
            {
                var previous = node.Previous;
                // Those under way have no size yet and somebody waits for them.
                if (node.Value.Bytes.IsCompletedSuccessfully)
                {
                    _sizeBytes -= node.Value.Bytes.GetAwaiter().GetResult().Length;
                    _entries.Remove(node.Value.Key);
                    _order.Remove(node);
                }
                node = previous;
            }
        }
    }

    private void Forget(string key)
    {
        lock (_lock)
        {
            if (!_entries.Remove(key, out var node)) return;
            _order.Remove(node);
        }
    }
}
