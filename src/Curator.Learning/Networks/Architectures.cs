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
}

/// <summary>
/// The backbones. Widths are multiples of 16: libtorch's convolutions are silently wrong for channel counts that must be padded to a vector
/// block (docs/design/learning.md, "Wrong convolutions").
/// </summary>
internal static class Architectures
{
    /// <param name="width">Channels of the first stage; a multiple of 16.</param>
    public static NetworkPlan Plan(Architecture architecture, int width)
    {
        if (width is < 16 or > 512 || width % 16 != 0)
            throw new WorkspaceException($"The network's width is {width}; it must be a multiple of 16 from 16 to 512.", $"Use --width {Math.Clamp((width + 15) / 16 * 16, 16, 512)}.");
        return architecture switch
        {
            Architecture.SmallCnn => SmallCnn(width),
            Architecture.Resnet18 => ResNet18(width, smallImages: false),
            Architecture.Resnet18Small => ResNet18(width, smallImages: true),
            _ => throw new ArgumentOutOfRangeException(nameof(architecture), architecture, null),
        };
    }

    /// <summary>Name in the card, and back.</summary>
    public static string Name(Architecture architecture) => architecture switch
    {
        Architecture.SmallCnn => "small-cnn",
        Architecture.Resnet18 => "resnet18",
        _ => "resnet18-small",
    };

    /// <summary>The architecture of a card's name; null for a name that is none of ours.</summary>
    public static Architecture? Find(string name) => Enum.GetValues<Architecture>().Where(architecture => Name(architecture) == name).Cast<Architecture?>().FirstOrDefault();

    /// <summary>Four stages of width w, 2w, 4w, 8w, each halving the resolution; the later three with a second convolution. F = 8w.</summary>
    private static NetworkPlan SmallCnn(int width)
    {
        var plan = new PlanBuilder(3).Convolution("stem", width, 3, 2).Relu();
        for (var stage = 1; stage <= 3; stage++)
        {
            plan.Convolution($"stage{stage}.a", width << stage, 3, 2).Relu();
            plan.Convolution($"stage{stage}.b", width << stage, 3, 1).Relu();
        }
        return plan.Build("small-cnn", width);
    }

    /// <summary>He et al. 2016, "Deep Residual Learning", table 1, 18-layer; the small stem is that of section 4.2. F = 8w.</summary>
    private static NetworkPlan ResNet18(int width, bool smallImages)
    {
        var plan = new PlanBuilder(3);
        if (smallImages) plan.Convolution("conv1", width, 3, 1).Relu();
        else plan.Convolution("conv1", width, 7, 2).Relu().MaxPool(3, 2);
        for (var stage = 0; stage < 4; stage++)
            for (var block = 0; block < 2; block++)
                BasicBlock(plan, $"layer{stage + 1}.{block}", width << stage, stage > 0 && block == 0 ? 2 : 1);
        return plan.Build(smallImages ? "resnet18-small" : "resnet18", width);
    }

    private static void BasicBlock(PlanBuilder plan, string name, int channels, int stride)
    {
        var input = plan.Value;
        var inChannels = plan.Channels;
        plan.Convolution($"{name}.conv1", channels, 3, stride).Relu();
        plan.Convolution($"{name}.conv2", channels, 3, 1);
        var shortcut = input;
        if (stride != 1 || inChannels != channels)
        {
            var body = plan.Value;
            plan.ConvolutionFrom(input, inChannels, $"{name}.downsample", channels, 1, stride);
            shortcut = body;
        }
        plan.Add(shortcut).Relu();
    }
}
