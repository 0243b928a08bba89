using System.Runtime.InteropServices;
using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Imagery;
using Curator.Imagery.Geography;
using Curator.Learning.Cache;
using Curator.Learning.Embedding;
using Curator.Learning.Encoders;
using Curator.Learning.Evaluation;
using Curator.Learning.Supervised;
using Curator.Learning.Tests.Support;
using Curator.Learning.Training;
using Curator.Learning.Views;
using Architecture = Curator.Learning.Networks.Architecture;

namespace Curator.Learning.Tests.Training;

/// <summary>TIFFs of five bands of 16 bits, from the file to the embedding.</summary>
[Collection(TorchTests.Name)]
public sealed class BandsTests
{
    private const int Bands = 5, Side = 32, Count = 48;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("stretch", 3)]
    [InlineData("fill-stretch", 3)]
    [InlineData("stretch;bands=8", 1)]
    [InlineData("stretch;bands=8,4,3,2,1;stretch=0:3000", 5)]
    [InlineData("stretch;bands=8,4;stretch=0:3000,-1.5:1.5", 2)]
    [InlineData("squeeze", null)]
    [InlineData("stretch;bands=", null)]
    [InlineData("stretch;bands=0,1", null)]
    [InlineData("stretch;bands=1,x", null)]
    [InlineData("stretch;stretch=0:3000", null)]
    [InlineData("stretch;bands=1,2,3;stretch=0:1,0:2", null)]
    [InlineData("stretch;bands=1;stretch=5:5", null)]
    [InlineData("stretch;bands=1;stretch=0:NaN", null)]
    [InlineData("stretch;bands=1;fill=color", null)]
    [InlineData("fill-stretch;bands=1", null)]
    [InlineData("stretch;bands=99999999999", null)]
    public void A_preparation_is_read_as_it_is_written_and_nothing_else_is(string text, int? channels)
    {
        var preparation = Preparation.TryParse(text);

        Assert.Equal(channels, preparation?.Channels);
        if (preparation is not null) Assert.Equal(text, preparation.Text);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2,1")]
    [InlineData("5,4,3")]
    [InlineData("1,2,3,4")]
    [InlineData("5,1,4,2,3")]
    [InlineData("1,1,2,2,3,3,4")]
    public void Any_number_of_bands_comes_in_the_order_that_is_asked_for(string bands)
    {
        using var folder = new TemporaryFolder();
        WriteTiff(folder["a.tif"], 3, Side);
        int[] wanted = [.. bands.Split(',').Select(int.Parse)];
        var pixels = new byte[Side * Side * wanted.Length];

        Assert.Null(new PictureLoader(Preparation.OfBands(bands, "0:1000")).Load(folder["a.tif"], Side, pixels));

        for (var p = 0; p < Side * Side; p++)
            for (var c = 0; c < wanted.Length; c++)
                Assert.Equal(Sample(3, wanted[c] - 1, p % Side, p / Side) * 255.0 / 1000, pixels[(p * wanted.Length) + c], 0.51);
    }

    [Fact]
    public void Each_band_has_its_own_stretch()
    {
        using var folder = new TemporaryFolder();
        WriteTiff(folder["a.tif"], 3, Side);
        var pixels = new byte[Side * Side * 4];

        Assert.Null(new PictureLoader(Preparation.OfBands("1,2,3,4", "0:1000, 0:2000, 0:4000, 0:250")).Load(folder["a.tif"], Side, pixels));

        double[] tops = [1000, 2000, 4000, 250];
        for (var p = 0; p < Side * Side; p++)
            for (var c = 0; c < 4; c++)
                Assert.Equal(Math.Min(255, Sample(3, c, p % Side, p / Side) * 255.0 / tops[c]), pixels[(p * 4) + c], 0.51);
    }

    [Fact]
    public void What_has_no_such_bands_is_no_picture_and_leaves_zeros()
    {
        using var folder = new TemporaryFolder();
        WriteTiff(folder["a.tif"], 3, Side);
        Pictures.WritePng(folder["a.png"], 3, Side);
        var pixels = new byte[Side * Side * 4];
        void Refused(Func<PictureLoader, (ImageProblem Problem, string Detail)?> load, string bands, string why)
        {
            Array.Fill(pixels, (byte)7);
            var problem = load(new PictureLoader(Preparation.OfBands(bands, "0:1000")));
            Assert.Equal(ImageProblem.Unsupported, problem!.Value.Problem);
            Assert.Contains(why, problem.Value.Detail, StringComparison.Ordinal);
            Assert.All(pixels, value => Assert.Equal(0, value));
        }

        Refused(loader => loader.Load(folder["a.png"], Side, pixels), "1,2,3,4", "PNG");
        Refused(loader => loader.Load(folder["a.tif"], Side, pixels), "1,2,3,9", "9");
        Refused(loader => loader.Load(new RgbImage(1, 1, new byte[3]), Side, pixels), "1,2,3,4", "in colour");
    }

    [Fact]
    public async Task Pictures_of_five_bands_are_learned_embedded_found_exported_and_learned_from_labels()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        await Pictures.AddAsync(workspace, folder["pictures"], 0, Count, Side, Cancel, i => $"class{i % 2}", WriteTiff);
        var options = new TrainOptions
        {
            Name = "bands", Architecture = Architecture.SmallCnn, Width = 16, ImageSize = Side, BatchSize = 8, Projection = 16, EmbeddingSize = 16, Threads = 1, Precision = TrainingPrecision.Fp32,
            Budget = 12 * 8, Preset = ViewPreset.Multispectral, Bands = "1,2,3,4,5", Stretch = "0:1000",
        };

        var row = await Curator.Learning.Training.Training.TrainAsync(workspace, options, new PoolEngine(1), null, Cancel);
        var report = await Curator.Learning.Embedding.Embedding.EmbedAsync(workspace, new EmbedOptions(), new PoolEngine(1), null, Cancel);

        Assert.Equal((Count, 0L), (report.Embedded, report.Absent));
        using var encoder = await new EncoderStore(workspace).OpenAsync(row.Id, Cancel);
        Assert.Equal((EncoderKind.Onnx, Bands, "stretch;bands=1,2,3,4,5;stretch=0:1000"), (encoder.Card.Kind, encoder.Card.Channels, encoder.Card.Preprocessing));
        Assert.Equal(Bands, encoder.Card.Mean.Count);

        // The same whether pictures come from the cache that training left or from the files.
        var partition = Assert.Single(await workspace.Catalog.GetPartitionsAsync(Cancel));
        var path = workspace.EmbeddingPath(partition, row.Id);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        Directory.Delete(workspace.WorkDirectory("pixels"), recursive: true);
        await Curator.Learning.Embedding.Embedding.EmbedAsync(workspace, new EmbedOptions(), new PoolEngine(1), null, Cancel);
        Assert.Equal(bytes, File.ReadAllBytes(path));

        // A picture of bands is found by itself; one in colour cannot be asked for.
        var query = await PictureQuery.EncodeAsync(encoder, Path.Combine(folder["pictures"], "00007.png"), Cancel);
        using var file = EmbeddingFile.Open(path);
        var rows = new float[Count * encoder.Dimension];
        file.Read(0, rows);
        var scores = Enumerable.Range(0, Count).Select(r => query.Zip(rows.Skip(r * query.Length), (a, b) => (double)a * b).Sum()).ToArray();
        Assert.Equal(7, Array.IndexOf(scores, scores.Max()));
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => PictureQuery.EncodeAsync(encoder, new RgbImage(1, 1, new byte[3]), Cancel));
        Assert.Contains("in colour", error.Message, StringComparison.Ordinal);

        var exported = await EncoderExport.RunAsync(workspace, row.Id, folder["out"], Cancel);
        Assert.InRange(exported.Agreement!.Value, 0.9999, 1.00001);
        var judged = await EncoderEvaluation.RunAsync(workspace, row.Id, null, null, new EvaluateOptions { Threads = 1 }, null, Cancel);
        Assert.Equal(Count, judged.Images);

        LabeledImage[] labels = [.. Enumerable.Range(0, Count).Select(i => new LabeledImage(new ImageId(partition.Number, i), i % 2))];
        var tuned = await FineTuning.RunAsync(workspace, new FineTuneOptions { Name = "tuned", From = row.Id, Threads = 1, TuneEpochs = 1 }, "task", ["a", "b"], labels, null, Cancel);
        Assert.Equal(Bands, (await new EncoderStore(workspace).FindAsync(tuned.Encoder.Id, Cancel)).Card.Channels);
    }

    [Fact]
    public async Task Settings_that_bands_do_not_go_with_are_refused_with_a_next_step()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        async Task<string> RefusedAsync(TrainOptions options) =>
            (await Assert.ThrowsAsync<WorkspaceException>(() => Curator.Learning.Training.Training.TrainAsync(workspace, options, new PoolEngine(1), null, Cancel))).NextStep;

        Assert.Contains("--bands", await RefusedAsync(new TrainOptions { Bands = "one" }), StringComparison.Ordinal);
        Assert.Contains("--stretch", await RefusedAsync(new TrainOptions { Bands = "1,2", Stretch = "2%" }), StringComparison.Ordinal);
        Assert.Contains("--bands", await RefusedAsync(new TrainOptions { Stretch = "0:3000" }), StringComparison.Ordinal);
        Assert.Contains("--fill-gaps", await RefusedAsync(new TrainOptions { Bands = "1,2", FillGaps = true }), StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_without_the_bands_are_refused_with_a_next_step_about_them()
    {
        var none = new MemoryPixels([], Side, 4);
        var refused = Assert.Throws<WorkspaceException>(() => new Trainer(new TrainOptions { Bands = "1,2,3,4" }, none, new Normalisation([0, 0, 0, 0], [1, 1, 1, 1]), TimeProvider.System));
        Assert.Contains("TIFFs that have the bands 1,2,3,4", refused.NextStep, StringComparison.Ordinal);
    }

    /// <summary>0 to 1,000; other for every picture, band and place.</summary>
    private static int Sample(int picture, int band, int x, int y) => (int)(500 + (499 * Math.Sin((picture * 1.3) + (band * 0.9) + (x * (0.1 + (0.02 * (picture % 7)))) + (y * 0.07 * (1 + band)))));

    private static void WriteTiff(string path, int picture, int side)
    {
        var samples = new ushort[side * side * Bands];
        for (var i = 0; i < samples.Length; i++) samples[i] = (ushort)Sample(picture, i % Bands, i / Bands % side, i / Bands / side);
        File.WriteAllBytes(path, GeoTiffWriter.Encode(MemoryMarshal.AsBytes(samples.AsSpan()), new RasterForm(side, side, Bands, 16, 1), null, null));
    }
}
