using System.Xml.Linq;
using Curator.Imagery.Decoding;
using Curator.Imagery.Plots;

namespace Curator.Imagery.Tests.Plots;

public sealed class LinePlotTests
{
    private static readonly PlotSeries[] Series =
    [
        new("Curator", [10, 20, 40, 80], [0.5, 0.7, 0.82, 0.9]) { Low = [0.4, 0.6, 0.75, 0.86], High = [0.6, 0.8, 0.88, 0.93], Markers = true },
        new("random picks", [10, 20, double.NaN, 80], [0.2, 0.3, 0.4, 0.5]) { Dashed = true },
    ];

    private static readonly PlotOptions Options = new() { Title = "F1 by labels", XTitle = "labels given", YTitle = "F1", YMin = 0, YMax = 1 };

    [Fact]
    public void Writes_a_picture_of_the_asked_size_with_both_colours()
    {
        using var folder = new TemporaryFolder();
        LinePlot.Write(folder["plot.png"], Series, Options);
        var result = new ImageDecoder().DecodeFile(folder["plot.png"], DecodeOptions.Default);
        Assert.True(result.Succeeded, result.Detail);
        Assert.Equal((900, 540), (result.Image.Width, result.Image.Height));
        var colours = result.Image.Pixels.ToArray().Chunk(3).Select(p => (p[0], p[1], p[2])).ToHashSet();
        Assert.Contains(((byte)0x00, (byte)0x72, (byte)0xB2), colours);
        Assert.Contains(((byte)0xD5, (byte)0x5E, (byte)0x00), colours);
    }

    [Fact]
    public void Svg_is_well_formed_and_holds_the_texts()
    {
        var document = XDocument.Parse(LinePlot.ToSvg(Series, Options));
        var text = string.Concat(document.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value));
        Assert.Contains("F1 by labels", text, StringComparison.Ordinal);
        Assert.Contains("random picks", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_single_and_constant_data_can_be_drawn()
    {
        foreach (var series in (PlotSeries[][])[[], [new("one", [5], [3])], [new("flat", [1, 2], [0, 0])], [new("nothing", [double.NaN], [double.PositiveInfinity])]])
            Assert.NotEmpty(LinePlot.Render(series, new PlotOptions()));
        Assert.Throws<ArgumentException>(() => LinePlot.Render([new("uneven", [1, 2], [1])], new PlotOptions()));
    }

    [Theory]
    [InlineData(0, 1, "0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(0, 13_500, "0 5,000 10,000 15,000")]
    [InlineData(-3, 7, "-4 -2 0 2 4 6 8")]
    [InlineData(0.91, 0.934, "0.910 0.915 0.920 0.925 0.930 0.935")]
    public void Ticks_are_round_numbers(double low, double high, string expected)
    {
        var axis = PlotAxis.Of([low, high], null, null, 5);
        Assert.Equal(expected, string.Join(' ', axis.Ticks.Select(axis.Text)));
        Assert.True(axis.Min <= low && axis.Max >= high);
    }
}
