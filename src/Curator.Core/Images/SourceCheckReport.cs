using Curator.Core.Catalogs;

namespace Curator.Core.Images;

/// <summary>What <see cref="SourceCheck"/> found in a partition.</summary>
/// <param name="Checked">Images of the manifest.</param>
/// <param name="Vanished">Source files that are gone.</param>
/// <param name="Changed">Source files with another size, last write or content.</param>
/// <param name="Healed">Images marked before that are as they were again.</param>
/// <param name="Examples">The first few that are not as they were.</param>
public sealed record SourceCheckReport(long Checked, long Vanished, long Changed, long Healed, IReadOnlyList<(ImageId Image, string Uri, ImageState State)> Examples);
