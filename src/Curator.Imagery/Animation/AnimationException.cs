using Curator.Core;

namespace Curator.Imagery.Animation;

/// <summary>An animation cannot be written: an unknown format, a missing program, no frame.</summary>
public sealed class AnimationException(string whatHappened, string nextStep, Exception? cause = null) : CuratorException(whatHappened, nextStep, cause);
