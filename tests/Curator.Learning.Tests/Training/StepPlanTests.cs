using Curator.Learning.Training;

namespace Curator.Learning.Tests.Training;

public sealed class StepPlanTests
{
    [Theory]
    [InlineData(3.0, 1.0)]
    [InlineData(0.5, 1.0)]
    public void A_training_of_minutes_ends_in_time_though_the_steps_before_the_first_told_something_else(double timed, double real)
    {
        const double minutes = 10;
        var plan = new StepPlan((long)(minutes * 60 / timed), minutes);
        var seconds = 0.0;
        long step = 0;
        while (step < plan.Steps) plan.Look(++step, seconds += real);
        Assert.InRange(seconds, minutes * 60 - 2, minutes * 60 + 2);
    }

    [Fact]
    public void A_machine_that_is_slow_for_a_third_of_the_time_is_made_up_for()
    {
        const double minutes = 10;
        var plan = new StepPlan(600, minutes);
        var seconds = 0.0;
        long step = 0;
        while (step < plan.Steps) plan.Look(++step, seconds += seconds < 200 ? 2 : 1);
        Assert.InRange(seconds, 540, 640);
    }

    [Fact]
    public void The_last_fifth_of_the_time_changes_nothing()
    {
        var plan = new StepPlan(100, minutes: 100 / 60.0);
        for (var step = 1; step < 85; step++) plan.Look(step, step);
        var steps = plan.Steps;
        for (var step = 85; step < steps; step++) plan.Look(step, step * 5);
        Assert.Equal(steps, plan.Steps);
    }

    [Fact]
    public void Images_and_epochs_are_steps_whatever_they_take()
    {
        var plan = new StepPlan(100, null);
        for (var step = 1; step < 100; step++) plan.Look(step, step * 100);
        Assert.Equal(100, plan.Steps);
    }

    [Fact]
    public void A_training_that_is_taken_up_again_keeps_its_steps_until_the_next_twentieth()
    {
        var plan = new StepPlan(50, minutes: 100 / 60.0);
        plan.Look(31, 31);
        Assert.Equal(50, plan.Steps);
        plan.Look(36, 36);
        Assert.InRange(plan.Steps, 99, 101);
    }
}
