using Curator.Core;
using Curator.Core.Shards;
using Curator.Learning.Encoders;
using Curator.Learning.Native;
using Curator.Learning.Networks;
using Curator.Learning.Tests.Support;
using Curator.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Curator.Learning.Tests.Encoders;

[Collection(TorchTests.Name)]
public sealed class TorchEncoderTests
{
    private const int Count = 48, Side = 64;

    private static readonly NetworkComputation Halved = new("cpu", BFloat16: true), Single = new("cpu", BFloat16: false);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Least cosines measured: 0.99985 and 0.99979.</summary>
    [Theory]
    [InlineData(Architecture.SmallCnn, 16, true)]
    [InlineData(Architecture.Resnet18, 32, false)]
    public async Task Embeddings_in_bfloat16_are_those_of_ONNX_Runtime_up_to_rounding(Architecture architecture, int width, bool joined)
    {
        Assert.SkipUnless(Processor.HasBFloat16, "This processor has no bfloat16 instructions.");
        using var folder = new TemporaryFolder();
        await using var workspace = await TrainedAsync(folder, architecture, width, joined);
        var pixels = Pictures.Batch(70, Side);

        var cosines = Cosines(await EncodeAsync(workspace, null, pixels), await EncodeAsync(workspace, Halved, pixels), 70);

        Assert.InRange(cosines.Min(), 0.999, 1 - 1e-9);
        Assert.InRange(cosines.Max(), 0.999, 1.00001);
    }

    [Theory]
    [InlineData(Architecture.SmallCnn)]
    [InlineData(Architecture.Resnet18)]
    [InlineData(Architecture.Resnet50)]
    public async Task Embeddings_in_single_precision_are_those_of_ONNX_Runtime(Architecture architecture)
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await TrainedAsync(folder, architecture, 16, joined: false);
        var pixels = Pictures.Batch(5, Side);

        var cosines = Cosines(await EncodeAsync(workspace, null, pixels), await EncodeAsync(workspace, Single, pixels), 5);

        Assert.InRange(cosines.Min(), 0.99999, 1.00001);
    }

    [Fact]
    public async Task A_picture_has_the_same_bits_alone_in_any_company_and_on_many_threads()
    {
        Assert.SkipUnless(Processor.HasBFloat16, "This processor has no bfloat16 instructions.");
        using var folder = new TemporaryFolder();
        await using var workspace = await TrainedAsync(folder, Architecture.Resnet18, 16, joined: true);
        using var encoder = await new EncoderStore(workspace).OpenAsync(null, Halved, Cancel);
        var (pixels, bytes) = (Pictures.Batch(70, Side), Side * Side * 3);
        var together = new float[70 * encoder.Dimension];
        encoder.Encode(pixels, 70, together);

        var apart = new float[together.Length];
        Parallel.For(0, 70, i => encoder.Encode(pixels.AsSpan(i * bytes, bytes), 1, apart.AsSpan(i * encoder.Dimension, encoder.Dimension)));

        Assert.Equal(together, apart);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Encoding_and_closing_leave_no_tensor_behind(bool halved)
    {
        Assert.SkipUnless(!halved || Processor.HasBFloat16, "This processor has no bfloat16 instructions.");
        using var folder = new TemporaryFolder();
        await using var workspace = await TrainedAsync(folder, Architecture.Resnet18, 16, joined: true);
        var (weights, whitening) = await ReadAsync(workspace);
        var pixels = Pictures.Batch(33, Side);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var encoder = new TorchEncoder(weights, whitening, halved ? Halved : Single))
        {
            var embeddings = new float[33 * encoder.Dimension];
            encoder.Encode(pixels, 33, embeddings);
            var open = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            for (var i = 0; i < 5; i++) encoder.Encode(pixels, 33, embeddings);
            Assert.Equal(open, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(Architecture.SmallCnn)]
    [InlineData(Architecture.Resnet18Small)]
    [InlineData(Architecture.Resnet50)]
    public void A_folded_network_gives_the_features_of_its_backbone(Architecture architecture)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var backbone = Used(architecture);
        var pictures = randn([3, 3, 32, 32]);
        var expected = backbone.forward(pictures.clone());

        using var folded = new FoldedNetwork(backbone, ComputeDevice.Resolve("cpu"), Arithmetic.Single);
        var actual = folded.Forward(pictures);

        Assert.Equal(expected.shape, actual.shape);
        var largest = expected.abs().max().item<float>();
        Assert.InRange((actual - expected).abs().max().item<float>() / largest, 0, 1e-4);
    }

    [Theory]
    [InlineData(Architecture.SmallCnn, 64)]
    [InlineData(Architecture.Resnet18, 64)]
    [InlineData(Architecture.Resnet18, 96)]
    [InlineData(Architecture.Resnet18, 33)]
    [InlineData(Architecture.Resnet18Small, 32)]
    [InlineData(Architecture.Resnet50, 64)]
    public void A_fused_network_gives_the_features_of_its_folded_one_up_to_rounding(Architecture architecture, int side)
    {
        Assert.SkipUnless(Processor.HasBFloat16, "This processor has no bfloat16 instructions.");
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var backbone = Used(architecture);
        var pictures = ChannelsLast.Of(randn([5, 3, side, side]).to(ScalarType.BFloat16));
        var before = pictures.to(ScalarType.Float32).data<float>().ToArray();
        using var folded = new FoldedNetwork(backbone, ComputeDevice.Resolve("cpu"), Arithmetic.Single);
        using var fused = new FusedNetwork(backbone, 5, side);

        var expected = folded.Forward(pictures.to(ScalarType.Float32).contiguous());
        var actual = fused.Forward(pictures);

        Assert.Equal((expected.shape[0], expected.shape[1], ScalarType.Float32), (actual.shape[0], actual.shape[1], actual.dtype));
        Assert.InRange(nn.functional.cosine_similarity(actual, expected, dim: 1).min().item<float>(), 0.9995f, 1.00001f);
        Assert.Equal(before, pictures.to(ScalarType.Float32).data<float>().ToArray());
    }

    [Fact]
    public void The_program_of_a_ResNet_sums_and_cuts_off_within_its_convolutions()
    {
        var plan = Architectures.Plan(Architecture.Resnet18, 32);

        var program = FusedProgram.Write(plan, 32, 64);

        // The three of the last stage that see all of its four places are products.
        Assert.Equal(plan.Layers.Count(layer => layer.Kind == LayerKind.ConvolutionNorm) - 3, program.Split("ops.mkldnn._convolution_pointwise").Length - 1);
        Assert.Equal(3, program.Split("ops.mkldnn._linear_pointwise").Length - 1);
        Assert.Equal(plan.Layers.Count(layer => layer.Kind == LayerKind.Add), program.Split("\"add\"").Length - 1);
        Assert.DoesNotContain("torch.relu(", program, StringComparison.Ordinal);
        Assert.DoesNotContain("torch.add", program, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encoder_whose_weights_are_not_those_of_its_ONNX_file_is_noticed()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await TrainedAsync(folder, Architecture.SmallCnn, 16, joined: false);
        var (weights, whitening) = await ReadAsync(workspace);
        using var reference = new OnnxEncoder(Path.Combine(workspace.EncoderDirectory(weights.Encoder.Row.Id), OnnxEncoder.FileName), weights.Encoder.Card);
        using var right = new TorchEncoder(weights, whitening, Single);
        var spoiled = weights with { Tensors = [.. weights.Tensors.Select(tensor => tensor.Name == "stage2_a_conv.weight" ? tensor with { Values = [.. tensor.Values.Reverse()] } : tensor)] };
        using var wrong = new TorchEncoder(spoiled, whitening, Single);

        Assert.InRange(ComputationCheck.Agreement(right, reference), 0.9999, 1.00001);
        Assert.InRange(ComputationCheck.Agreement(wrong, reference), -1, ComputationCheck.LeastAgreement);
    }

    [Fact]
    public void Bytes_become_the_numbers_that_the_normalisation_gives()
    {
        using var scope = NewDisposeScope();
        float[] mean = [0.31f, 0.42f, 0.5f, 0.07f], deviation = [0.21f, 0.17f, 0.02f, 1];
        var bytes = Enumerable.Range(0, 256 * 4).Select(i => (byte)(i / 4 * (1 + (i % 4)))).ToArray();
        var exact = (tensor(bytes, [256, 4]).to(ScalarType.Float64) / Number.Of(255) - tensor(mean).to(ScalarType.Float64)) / tensor(deviation).to(ScalarType.Float64);
        Tensor single = empty([256, 4], ScalarType.Float32), halved = empty([256, 4], ScalarType.BFloat16);

        var scale = new PixelScale(mean, deviation);
        scale.ToSingle(bytes, single.bytes);
        scale.ToBFloat16(bytes, halved.bytes);

        Assert.Equal(exact.to(ScalarType.Float32).data<float>().ToArray(), single.data<float>().ToArray());
        Assert.Equal(exact.to(ScalarType.Float32).to(ScalarType.BFloat16).to(ScalarType.Float32).data<float>().ToArray(), halved.to(ScalarType.Float32).data<float>().ToArray());
    }

    [Fact]
    public void What_a_setting_asks_for_has_a_name_and_nothing_where_ONNX_Runtime_computes()
    {
        Assert.Null(NetworkComputation.Of("cpu", EmbedArithmetic.Auto));
        Assert.Null(NetworkComputation.Of("cpu", EmbedArithmetic.Fp32));
        Assert.Equal("bf16-cpu", NetworkComputation.Of("cpu", EmbedArithmetic.Bf16)!.Name);
        Assert.Equal("bf16-cuda", NetworkComputation.Of("cuda:3", EmbedArithmetic.Auto)!.Name);
        Assert.Equal("fp32-cuda", NetworkComputation.Of("cuda", EmbedArithmetic.Fp32)!.Name);
        Assert.Null(Halved.For(StatisticsEncoder.NewCard()));
    }

    [Fact]
    public void Bfloat16_is_refused_without_instructions_and_where_a_convolution_is_wrong()
    {
        var plan = Architectures.Plan(Architecture.SmallCnn, 16);

        var missing = Assert.Throws<WorkspaceException>(() => Halved.Refuse(plan, "cpu", hasBFloat16: false, () => throw new InvalidOperationException("Not asked.")));
        var wrong = Assert.Throws<WorkspaceException>(() => Halved.Refuse(plan, "cpu", hasBFloat16: true, () => 0.4));
        Halved.Refuse(plan, "cpu", hasBFloat16: true, () => 0.004);
        Single.Refuse(plan, "cuda:0", hasBFloat16: false, () => 1e-5);

        Assert.Contains("no instructions for bfloat16", missing.Message, StringComparison.Ordinal);
        Assert.Contains("relative error 0.4", wrong.Message, StringComparison.Ordinal);
        Assert.All((WorkspaceException[])[missing, wrong], error => Assert.Contains("--arithmetic fp32", error.NextStep, StringComparison.Ordinal));
    }

    /// <summary>In evaluation mode, with running statistics that are not those of the start; the last norms of residual blocks begin at nothing.</summary>
    private static Backbone Used(Architecture architecture)
    {
        manual_seed(3);
        var backbone = new Backbone(Architectures.Plan(architecture, 16));
        foreach (var (_, buffer) in backbone.named_buffers().Where(pair => pair.buffer.dtype == ScalarType.Float32)) buffer.copy_(rand_like(buffer).Plus(0.5));
        foreach (var (_, parameter) in backbone.named_parameters().Where(pair => pair.parameter.dim() == 1)) parameter.copy_(rand_like(parameter).Plus(0.5));
        backbone.eval();
        return backbone;
    }

    private static async Task<Workspace> TrainedAsync(TemporaryFolder folder, Architecture architecture, int width, bool joined)
    {
        var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        await Pictures.AddAsync(workspace, folder["pictures"], 0, Count, Side, Cancel);
        var options = new TrainOptions
        {
            Architecture = architecture, Width = width, BatchSize = 16, Projection = 16, EmbeddingSize = 32, Threads = 1, Precision = TrainingPrecision.Fp32, Budget = 12 * 16,
            StatisticsShare = joined ? 0.5 : 0,
        };
        await Learning.Training.Training.TrainAsync(workspace, options, new PoolEngine(1), null, Cancel);
        return workspace;
    }

    private static async Task<(NetworkWeights Weights, Whitening Whitening)> ReadAsync(Workspace workspace)
    {
        var weights = await NetworkWeights.OpenAsync(workspace, "simclr", Cancel);
        return (weights, Whitening.Read(Path.Combine(workspace.EncoderDirectory(weights.Encoder.Row.Id), Whitening.NetworkFileName), weights.Plan.Features));
    }

    private static async Task<float[]> EncodeAsync(Workspace workspace, NetworkComputation? computation, byte[] pixels)
    {
        using var encoder = await new EncoderStore(workspace).OpenAsync(null, computation, Cancel);
        var count = pixels.Length / (Side * Side * 3);
        var embeddings = new float[count * encoder.Dimension];
        encoder.Encode(pixels, count, embeddings);
        return embeddings;
    }

    private static double[] Cosines(float[] a, float[] b, int count)
    {
        var dimension = a.Length / count;
        return [.. Enumerable.Range(0, count).Select(row => Enumerable.Range(row * dimension, dimension).Sum(i => (double)a[i] * b[i]))];
    }
}
