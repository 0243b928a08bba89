using Curator.Imagery.Gibs;

namespace Curator.Imagery.Tests.Gibs;

/// <summary>How many requests, how fast.</summary>
public sealed class FetchLimitsTests
{
    [Fact]
    public async Task Requests_grow_one_by_one_and_are_halved_by_overload()
    {
        var gate = new AdaptiveGate(64, TimeProvider.System);
        Assert.Equal(AdaptiveGate.Start, gate.Limit);
        for (var i = 0; i < 100; i++) await PassAsync(gate, GateSignal.Good);
        Assert.Equal(10, gate.Limit);
        await PassAsync(gate, GateSignal.Overload);
        Assert.Equal(5, gate.Limit);
        await PassAsync(gate, GateSignal.Overload); // of the same moment
        Assert.Equal(5, gate.Limit);
        for (var i = 0; i < 49; i++) await PassAsync(gate, GateSignal.Good);
        await PassAsync(gate, GateSignal.Neutral);
        Assert.Equal(5, gate.Limit);
        await PassAsync(gate, GateSignal.Good);
        Assert.Equal(6, gate.Limit);
    }

    [Fact]
    public async Task No_more_enter_than_the_limit_and_waiting_ends_in_turn()
    {
        var gate = new AdaptiveGate(2, TimeProvider.System);
        await gate.EnterAsync(CancellationToken.None);
        await gate.EnterAsync(CancellationToken.None);
        var third = gate.EnterAsync(CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var fourth = gate.EnterAsync(stop.Token);
        Assert.False(third.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fourth);
        gate.Leave(GateSignal.Good);
        await third;
        var fifth = gate.EnterAsync(CancellationToken.None);
        Assert.False(fifth.IsCompleted);
        gate.Leave(GateSignal.Good);
        await fifth;
    }

    [Fact]
    public void A_budget_holds_one_second_and_then_makes_wait()
    {
        var budget = new BandwidthBudget(8, TimeProvider.System); // one million bytes a second
        Assert.True(budget.SpendAsync(900_000, CancellationToken.None).IsCompleted);
        Assert.False(budget.SpendAsync(1_000_000_000, CancellationToken.None).IsCompleted);
    }

    private static async Task PassAsync(AdaptiveGate gate, GateSignal signal)
    {
        await gate.EnterAsync(CancellationToken.None);
        gate.Leave(signal);
    }
}
