using System.Globalization;
using Curator.Core;

namespace Curator.Learning.Networks;

/// <summary>Which backbone to train.</summary>
public enum Architecture
{
    /// <summary>Seven 3×3 convolutions: the quickest.</summary>
    SmallCnn,

    /// <summary>ResNet-18 with the ImageNet stem (7×7 stride 2, max-pool): pictures of 64 pixels and more.</summary>
    Resnet18,

    /// <summary>ResNet-18 with a 3×3 stem that keeps the resolution: pictures below 64 pixels; sixteen times the work a pixel.</summary>
    Resnet18Small,

    /// <summary>ResNet-34 with the ImageNet stem.</summary>
    Resnet34,

    /// <summary>ResNet-34 with the stem for small pictures.</summary>
    Resnet34Small,

    /// <summary>ResNet-50 with the ImageNet stem; features of 32 times the width.</summary>
    Resnet50,

    /// <summary>ResNet-50 with the stem for small pictures.</summary>
    Resnet50Small,
}

/// <summary>
/// The backbones. Widths are multiples of 16: libtorch's convolutions are silently wrong for channel counts that must be padded to a vector
/// block (docs/design/learning.md, "Wrong convolutions").
/// </summary>
internal static class Architectures
{
    private const int Block = 16, MostChannels = 64;

    private static readonly int[] Eighteen = [2, 2, 2, 2], ThirtyFour = [3, 4, 6, 3];

    /// <param name="width">Channels of the first stage; a multiple of 16.</param>
    /// <param name="channels">Of the pictures: 3 for RGB.</param>
    /// <param name="features">Least length of the feature vector that a small CNN gives; others have their own.</param>
    public static NetworkPlan Plan(Architecture architecture, int width, int channels = 3, int features = 0)
    {
        if (width is < Block or > 512 || width % Block != 0)
            throw new WorkspaceException($"The network's width is {width}; it must be a multiple of 16 from 16 to 512.", $"Use --width {Math.Clamp((width + 15) / Block * Block, Block, 512)}.");
        if (channels is < 1 or > MostChannels)
            throw new WorkspaceException($"Pictures of {channels} channels cannot be learned from; 1 to {MostChannels} can.", "Choose the channels that matter.");
        return architecture switch
        {
            Architecture.SmallCnn => SmallCnn(width, channels, features),
            Architecture.Resnet18 => ResNet(architecture, width, channels, Eighteen, bottleneck: false, smallImages: false),
            Architecture.Resnet18Small => ResNet(architecture, width, channels, Eighteen, bottleneck: false, smallImages: true),
            Architecture.Resnet34 => ResNet(architecture, width, channels, ThirtyFour, bottleneck: false, smallImages: false),
            Architecture.Resnet34Small => ResNet(architecture, width, channels, ThirtyFour, bottleneck: false, smallImages: true),
            Architecture.Resnet50 => ResNet(architecture, width, channels, ThirtyFour, bottleneck: true, smallImages: false),
            Architecture.Resnet50Small => ResNet(architecture, width, channels, ThirtyFour, bottleneck: true, smallImages: true),
            _ => throw new ArgumentOutOfRangeException(nameof(architecture), architecture, null),
        };
    }

    /// <summary>Name in the card, and back.</summary>
    public static string Name(Architecture architecture) => architecture switch
    {
        Architecture.SmallCnn => "small-cnn",
        _ => architecture.ToString().ToLower(CultureInfo.InvariantCulture).Replace("small", "-small", StringComparison.Ordinal),
    };

    /// <summary>The architecture of a card's name; null for a name that is none of ours.</summary>
    public static Architecture? Find(string name) => Enum.GetValues<Architecture>().Where(architecture => Name(architecture) == name).Cast<Architecture?>().FirstOrDefault();

    /// <summary>
    /// Four stages of width w, 2w, 4w, 8w, each halving the resolution; the later three with a second convolution. F = 8w, or more by one more 1×1
    /// convolution: any length of embedding can be cut from it.
    /// </summary>
    private static NetworkPlan SmallCnn(int width, int channels, int features)
    {
        var plan = new PlanBuilder(channels).Convolution("stem", width, 3, 2).Relu();
        for (var stage = 1; stage <= 3; stage++)
        {
            plan.Convolution($"stage{stage}.a", width << stage, 3, 2).Relu();
            plan.Convolution($"stage{stage}.b", width << stage, 3, 1).Relu();
        }
        if (features > plan.Channels) plan.Convolution("stage4.a", (features + Block - 1) / Block * Block, 1, 1).Relu();
        return plan.Build("small-cnn", width);
    }

    /// <summary>
    /// He et al. 2016, "Deep Residual Learning", table 1; the small stem is that of section 4.2. F = 8w, with bottlenecks 32w. The stride of a bottleneck is
    /// on its 3×3 convolution, as in torchvision's weights.
    /// </summary>
    private static NetworkPlan ResNet(Architecture architecture, int width, int channels, int[] blocks, bool bottleneck, bool smallImages)
    {
        var plan = new PlanBuilder(channels);
        if (smallImages) plan.Convolution("conv1", width, 3, 1).Relu();
        else plan.Convolution("conv1", width, 7, 2).Relu().MaxPool(3, 2);
        for (var stage = 0; stage < 4; stage++)
            for (var block = 0; block < blocks[stage]; block++)
                ResidualBlock(plan, $"layer{stage + 1}.{block}", width << stage, stage > 0 && block == 0 ? 2 : 1, bottleneck);
        return plan.Build(Name(architecture), width);
    }

    private static void ResidualBlock(PlanBuilder plan, string name, int channels, int stride, bool bottleneck)
    {
        var input = plan.Value;
        var inChannels = plan.Channels;
        var outChannels = bottleneck ? 4 * channels : channels;
        if (bottleneck)
        {
            plan.Convolution($"{name}.conv1", channels, 1, 1).Relu();
            plan.Convolution($"{name}.conv2", channels, 3, stride).Relu();
            plan.Convolution($"{name}.conv3", outChannels, 1, 1, endsBlock: true);
        }
        else
        {
            plan.Convolution($"{name}.conv1", channels, 3, stride).Relu();
            plan.Convolution($"{name}.conv2", channels, 3, 1, endsBlock: true);
        }
        var shortcut = input;
        if (stride != 1 || inChannels != outChannels)
        {
            var body = plan.Value;
            plan.ConvolutionFrom(input, inChannels, $"{name}.downsample", outChannels, 1, stride);
            shortcut = body;
        }
        plan.Add(shortcut).Relu();
    }
}
