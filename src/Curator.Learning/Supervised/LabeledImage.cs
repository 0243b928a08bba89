using Curator.Core.Images;

namespace Curator.Learning.Supervised;

/// <summary>An image of the workspace with the number of its class.</summary>
/// <param name="Class">From 0, in the order of the task's classes.</param>
public readonly record struct LabeledImage(ImageId Image, int Class);
