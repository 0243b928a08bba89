using Curator.Learning.Native;
using Curator.Learning.Tests.Support;
using Curator.Learning.Views;
using static TorchSharp.torch;

namespace Curator.Learning.Tests.Views;

[Collection(TorchTests.Name)]
public sealed class BatchViewsTests
{
    private const int Side = 16;

    private static readonly ComputeDevice Cpu = ComputeDevice.Resolve("cpu");

    [Fact]
    public void Identity_parameters_leave_the_pixels()
    {
        using var scope = NewDisposeScope();
        var images = Images(3);

        var views = BatchViews.Apply(images, ViewParameters.Identity(3), Cpu);

        Assert.True((views - images).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void Options_of_no_strength_leave_the_pixels()
    {
        using var scope = NewDisposeScope();
        var images = Images(5);
        var random = new CounterRandom(1, 2, 3);

        var views = BatchViews.Apply(images, ViewParameters.Draw(new ViewOptions(), 5, ref random), Cpu);

        Assert.True((views - images).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void Bytes_become_planes_of_numbers_from_zero_to_one()
    {
        using var scope = NewDisposeScope();
        byte[] pixels = [0, 51, 102, 153, 204, 255, 255, 0, 0, 0, 255, 0];

        var images = BatchViews.FromBytes(pixels, 1, 2, Cpu);

        Assert.Equal([1, 3, 2, 2], images.shape);
        Assert.Equal([0, 0.6f, 1, 0, 0.2f, 0.8f, 0, 1, 0.4f, 1, 0, 0], images.data<float>().ToArray().Select(value => MathF.Round(value, 6)));
    }

    [Fact]
    public void A_rotation_by_90_degrees_moves_pixels_like_a_transposition_and_a_flip()
    {
        using var scope = NewDisposeScope();
        var images = Images(2);
        var parameters = ViewParameters.Identity(2);
        for (var i = 0; i < 2; i++) parameters.SetArea(i, 0, 0, 1, 1, 90, mirrorX: false, mirrorY: false);

        var views = BatchViews.Apply(images, parameters, Cpu);

        var turned = images.transpose(2, 3);
        var error = Math.Min((views - turned.flip(2)).abs().max().item<float>(), (views - turned.flip(3)).abs().max().item<float>());
        Assert.True(error < 1e-4, $"differs by {error}");
    }

    [Fact]
    public void Mirrors_reverse_rows_and_columns()
    {
        using var scope = NewDisposeScope();
        var images = Images(2);
        var parameters = ViewParameters.Identity(2);
        parameters.SetArea(0, 0, 0, 1, 1, 0, mirrorX: true, mirrorY: false);
        parameters.SetArea(1, 0, 0, 1, 1, 0, mirrorX: false, mirrorY: true);

        var views = BatchViews.Apply(images, parameters, Cpu);

        Assert.True((views[0] - images[0].flip(2)).abs().max().item<float>() < 1e-5);
        Assert.True((views[1] - images[1].flip(1)).abs().max().item<float>() < 1e-5);
    }

    [Theory]
    [InlineData(ViewPreset.Satellite)]
    [InlineData(ViewPreset.Natural)]
    public void No_corner_is_black_and_no_value_leaves_its_range(ViewPreset preset)
    {
        using var scope = NewDisposeScope();
        var random = new CounterRandom(4, 0, 0);
        var views = BatchViews.Apply(ones([64, 3, Side, Side]) * 0.8f, ViewParameters.Draw(ViewOptions.Of(preset), 64, ref random), Cpu);

        // A uniform picture stays uniform however it is cropped, turned and blurred; darker than half of its brightness it cannot get.
        Assert.True(views.min().item<float>() > 0.3f);
        Assert.True(views.max().item<float>() <= 1.00001f);
        Assert.True((views.amax([2, 3]) - views.amin([2, 3])).max().item<float>() < 1e-4);
    }

    [Fact]
    public void The_same_seed_and_step_give_the_same_views_and_another_step_gives_others()
    {
        using var scope = NewDisposeScope();
        var images = Images(4);
        Tensor At(ulong step)
        {
            var random = new CounterRandom(7, step, 2);
            return BatchViews.Apply(images, ViewParameters.Draw(ViewOptions.Of(ViewPreset.Natural), 4, ref random), Cpu);
        }

        Assert.True(At(3).equal(At(3)).all().item<bool>());
        Assert.False(At(3).equal(At(4)).all().item<bool>());
    }

    [Fact]
    public void Colour_equals_the_loops_of_brightness_contrast_and_saturation()
    {
        using var scope = NewDisposeScope();
        var images = Images(1) * 0.5f;
        var parameters = ViewParameters.Identity(1);
        const float brightness = 1.2f, contrast = 0.8f, saturation = 0.6f;
        parameters.SetColour(0, brightness, contrast, saturation, hue: 0);

        var actual = BatchViews.Apply(images, parameters, Cpu).data<float>().ToArray();

        var source = images.data<float>().ToArray();
        const int plane = Side * Side;
        float Luma(Func<int, float> channel) => (0.299f * channel(0)) + (0.587f * channel(1)) + (0.114f * channel(2));
        var mean = Enumerable.Range(0, plane).Average(i => Luma(c => brightness * source[(c * plane) + i]));
        for (var i = 0; i < plane; i++)
        {
            float Contrasted(int c) => (contrast * brightness * source[(c * plane) + i]) + ((1 - contrast) * mean);
            for (var c = 0; c < 3; c++)
                Assert.Equal(Math.Clamp((saturation * Contrasted(c)) + ((1 - saturation) * Luma(Contrasted)), 0, 1), actual[(c * plane) + i], 1e-4f);
        }
    }

    [Fact]
    public void Hue_keeps_greys_and_brightness_and_a_full_turn_changes_little()
    {
        using var scope = NewDisposeScope();
        var grey = ones([1, 3, Side, Side]) * 0.4f;
        var parameters = ViewParameters.Identity(1);
        parameters.SetColour(0, 1, 1, 1, 0.3f);
        Assert.True((BatchViews.Apply(grey, parameters, Cpu) - grey).abs().max().item<float>() < 1e-3);

        var images = (Images(1) * 0.2f) + 0.4f;
        parameters.SetColour(0, 1, 1, 1, 1);
        Assert.True((BatchViews.Apply(images, parameters, Cpu) - images).abs().max().item<float>() < 2e-3);
    }

    [Fact]
    public void Blur_keeps_the_mean_of_a_picture_whose_border_is_flat_and_spares_the_others()
    {
        using var scope = NewDisposeScope();
        var images = zeros([2, 3, Side, Side]);
        images[.., .., 8, 8] = tensor(1f);
        var parameters = ViewParameters.Identity(2);
        parameters.BlurDeviation[1] = 1;

        var views = BatchViews.Apply(images, parameters, Cpu);

        Assert.Equal(1, views[0, 0, 8, 8].item<float>(), 1e-5);
        Assert.Equal(1, views[1, 0].sum().item<float>(), 1e-3);
        // The peak of a two-dimensional Gaussian of deviation 1 is 1/2π.
        Assert.Equal(1 / (2 * Math.PI), views[1, 0, 8, 8].item<float>(), 5e-3);
    }

    private static Tensor Images(int count) => BatchViews.FromBytes(Pictures.Batch(count, Side), count, Side, Cpu);

    [Fact]
    public void A_dropped_channel_is_nothing_and_the_others_stay()
    {
        using var scope = NewDisposeScope();
        var cpu = ComputeDevice.Resolve("cpu");
        var parameters = ViewParameters.Identity(2, channels: 4);
        parameters.Drop(1, 2);
        var images = rand(2, 4, 16, 16);

        var views = BatchViews.Apply(images, parameters, cpu);

        Assert.Equal(0, views[1][2].abs().max().item<float>());
        Assert.True((views[0] - images[0]).abs().max().item<float>() < 1e-5);
        Assert.True((views[1][3] - images[1][3]).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void Views_of_another_side_show_the_same_area()
    {
        using var scope = NewDisposeScope();
        var cpu = ComputeDevice.Resolve("cpu");
        var ramp = arange(64, dtype: ScalarType.Float32).div(64).reshape(1, 1, 1, 64).expand(1, 3, 64, 64).contiguous();

        var view = BatchViews.Apply(ramp, ViewParameters.Identity(1), cpu, viewSide: 32);

        Assert.Equal([1, 3, 32, 32], view.shape);
        for (var x = 0; x < 32; x++) Assert.Equal(((2 * x) + 0.5) / 64, view[0, 0, 16, x].item<float>(), 1e-4);
    }

    [Theory]
    [InlineData(ViewPreset.Satellite)]
    [InlineData(ViewPreset.Natural)]
    [InlineData(ViewPreset.Aerial)]
    [InlineData(ViewPreset.Microscopy)]
    [InlineData(ViewPreset.Grey)]
    [InlineData(ViewPreset.Multispectral)]
    public void Every_preset_gives_pixels_from_0_to_1_and_a_number_replaces_the_presets(ViewPreset preset)
    {
        using var scope = NewDisposeScope();
        var cpu = ComputeDevice.Resolve("cpu");
        var random = new CounterRandom(1, 2, 3);
        var options = new Curator.Learning.Training.TrainOptions { Preset = preset, Hue = 0.25f, MinArea = 0.9f };

        var views = BatchViews.Apply(rand(6, 3, 32, 32), ViewParameters.Draw(options.Views(), 6, ref random), cpu);

        Assert.InRange(views.min().item<float>(), 0, 1);
        Assert.InRange(views.max().item<float>(), 0, 1);
        Assert.Equal((0.25f, 0.9f, ViewOptions.Of(preset).Rotation), (options.Views().Hue, options.Views().MinArea, options.Views().Rotation));
    }
}
