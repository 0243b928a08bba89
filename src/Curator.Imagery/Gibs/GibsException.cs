using Curator.Core;

namespace Curator.Imagery.Gibs;

/// <summary>The imagery server, or what was asked of it, is not as needed: no such layer, no such day, no answer.</summary>
public sealed class GibsException(string whatHappened, string nextStep, Exception? cause = null) : CuratorException(whatHappened, nextStep, cause);
