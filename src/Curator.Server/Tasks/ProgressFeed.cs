using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Curator.Core;
using Curator.Server.Security;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Curator.Server.Tasks;

/// <summary>
/// Tells every open page when a task's progress has changed, whichever process changed it: looks twice a second while anyone listens. A page
/// that reads slowly loses older states, never the newest.
/// </summary>
internal sealed class ProgressFeed(Workspace workspace, ProgressReader reader, SharedLinks links, ILogger<ProgressFeed> logger) : BackgroundService
{
    private const int MostListeners = 2_000;
    private const int TicksPerLinkRefresh = 20;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FarewellPatience = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<Listener, byte> _listeners = new();
    private readonly SemaphoreSlim _publishing = new(1);
    private readonly Dictionary<string, TaskProgress> _last = new(StringComparer.Ordinal);

    public bool IsFull => _listeners.Count >= MostListeners;

    /// <summary>The progress of every task that the link reaches, then each change, and a <c>ping</c> in between so that a dead connection is noticed.</summary>
    public async IAsyncEnumerable<SseItem<TaskProgress?>> ListenAsync(SharedLink link, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var listener = new Listener();
        _listeners.TryAdd(listener, 0);
        try
        {
            foreach (var task in await workspace.Labels.GetTasksAsync(cancellationToken))
                if (link.Reaches(task.Name))
                    yield return new SseItem<TaskProgress?>(await reader.ReadAsync(task, cancellationToken), "progress");
            while (true)
            {
                // Asked for the next one, so what was given before has been written and flushed.
                listener.IsIdle = true;
                var ready = await WaitAsync(listener.Channel.Reader, cancellationToken);
                listener.IsIdle = false;
                if (links.FindValid(link.Id) is null) yield break;
                if (!ready) yield return new SseItem<TaskProgress?>(null, "ping");
                while (listener.Channel.Reader.TryRead(out var progress))
                    if (link.Reaches(progress.Task))
                        yield return new SseItem<TaskProgress?>(progress, "progress");
            }
        }
        finally
        {
            _listeners.TryRemove(listener, out _);
        }
    }

    /// <summary>Publishes what has changed now and waits, two seconds at most, until every page that listens has been told.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await PublishAsync(cancellationToken);
        using var patience = new CancellationTokenSource(FarewellPatience, workspace.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), workspace.Clock);
        try
        {
            while (_listeners.Keys.Any(listener => !listener.IsIdle || listener.Channel.Reader.Count > 0))
                await timer.WaitForNextTickAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A page that cannot be reached does not keep the others.
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _publishing.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, workspace.Clock);
        for (var tick = 1; await timer.WaitForNextTickAsync(stoppingToken); tick++)
        {
            try
            {
                if (tick % TicksPerLinkRefresh == 0) await links.RefreshAsync(stoppingToken);
                if (!_listeners.IsEmpty) await PublishAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.ProgressFailed(e);
            }
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        await _publishing.WaitAsync(cancellationToken);
        try
        {
            foreach (var task in await workspace.Labels.GetTasksAsync(cancellationToken))
            {
                var progress = await reader.ReadAsync(task, cancellationToken);
                if (_last.GetValueOrDefault(task.Name) == progress) continue;
                _last[task.Name] = progress;
                foreach (var (listener, _) in _listeners)
                    listener.Channel.Writer.TryWrite(progress);
            }
        }
        finally
        {
            _publishing.Release();
        }
    }

    private async Task<bool> WaitAsync(ChannelReader<TaskProgress> reader, CancellationToken cancellationToken)
    {
        using var quiet = new CancellationTokenSource(KeepAlive, workspace.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, quiet.Token);
        try
        {
            return await reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (quiet.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private sealed class Listener
    {
        private volatile bool _isIdle;

        /// <summary>Newest 64 changes.</summary>
        public Channel<TaskProgress> Channel { get; } =
            System.Threading.Channels.Channel.CreateBounded<TaskProgress>(new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest });

        public bool IsIdle
        {
            get => _isIdle;
            set => _isIdle = value;
        }
    }
}
