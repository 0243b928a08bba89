using Curator.Imagery;
using Curator.Imagery.Sheets;
using Curator.Learning.Native;
using Curator.Learning.Training;
using static TorchSharp.torch;

namespace Curator.Learning.Views;

/// <summary>A picture of what the encoder sees while it learns: some pictures, each beside views of it.</summary>
internal static class ViewSheet
{
    private const int Pictures = 6, Views = 7, Stream = 41;

    /// <returns>PNG.</returns>
    public static byte[] Render(IPixelSource pixels, TrainOptions options)
    {
        var device = ComputeDevice.Resolve("cpu");
        var count = Math.Min(Pictures, pixels.Count);
        var items = new List<SheetItem>();
        for (var i = 0; i < count; i++)
        {
            using var scope = NewDisposeScope();
            var bytes = new byte[pixels.PictureBytes];
            pixels.Copy((int)((long)i * pixels.Count / count), bytes);
            var picture = BatchViews.FromBytes(bytes, 1, pixels.Side, device, pixels.Channels);
            var random = new CounterRandom((ulong)options.Seed, (ulong)i, Stream);
            var views = BatchViews.Apply(picture.repeat(Views, 1, 1, 1), ViewParameters.Draw(options.Views(), Views, ref random, pixels.Channels), device, options.ViewSide);
            items.Add(new SheetItem(Image(picture, 0), "picture", SheetFrame.Query));
            for (var v = 0; v < Views; v++) items.Add(new SheetItem(Image(views, v), "view"));
        }
        return ContactSheet.Render(
            items,
            new SheetOptions { Title = "What the encoder sees", Subtitle = $"{options.MethodName}, {Core.Settings.SettingsResolver.Kebab(options.Preset.ToString())}", Columns = Views + 1, CellSide = 128 });
    }

    /// <summary>The first three channels, or the only one as grey.</summary>
    private static RgbImage Image(Tensor pictures, int number)
    {
        using var scope = NewDisposeScope();
        var picture = pictures[number]; // [C, S, S]
        var colours = picture.shape[0] >= 3 ? picture.slice(0, 0, 3, 1) : picture.slice(0, 0, 1, 1).repeat(3, 1, 1);
        var side = (int)picture.shape[1];
        return new RgbImage(side, side, (colours.clamp(Number.Of(0), Number.Of(1)) * Number.Of(255)).round().to(ScalarType.Byte).permute(1, 2, 0).contiguous().data<byte>().ToArray());
    }
}
