using Curator.Core.Databases;

namespace Curator.Core.Tests.Databases;

public sealed class WriterQueueTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Labels_wait_for_a_few_courtesies_only_and_nobody_is_forgotten()
    {
        using var queue = new WriterQueue();
        var order = new List<string>();
        var begun = new TaskCompletionSource();
        var first = queue.RunAsync(async () =>
        {
            await begun.Task;
            return true;
        }, durable: true, None);
        var courtesies = Enumerable.Range(0, 50).Select(_ => Run("courtesy", durable: false)).ToList();
        var label = Run("label", durable: true);
        begun.SetResult();
        await Task.WhenAll([first, label, .. courtesies]);
        Assert.InRange(order.IndexOf("label"), 0, 4);
        Assert.Equal(51, order.Count);

        Task<bool> Run(string name, bool durable) => queue.RunAsync(() =>
        {
            order.Add(name);
            return Task.FromResult(true);
        }, durable, None);
    }

    [Fact]
    public async Task Failures_and_cancelled_waits_leave_the_queue_open()
    {
        using var queue = new WriterQueue();
        var holding = new TaskCompletionSource();
        var first = queue.RunAsync(async () =>
        {
            await holding.Task;
            return 1;
        }, durable: false, None);
        using var cancelled = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 8).Select(i => queue.RunAsync(() => Task.FromResult(i), durable: i % 2 == 0, cancelled.Token)).ToList();
        await cancelled.CancelAsync();
        foreach (var wait in waiting) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        holding.SetResult();
        Assert.Equal(1, await first);
        await Assert.ThrowsAsync<InvalidOperationException>(() => queue.RunAsync<int>(() => throw new InvalidOperationException(), durable: false, None));
        for (var i = 0; i < 10; i++) Assert.Equal(i, await queue.RunAsync(() => Task.FromResult(i), durable: i % 2 == 0, None));
    }
}
