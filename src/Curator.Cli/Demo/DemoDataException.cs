using Curator.Core;

namespace Curator.Cli.Demo;

/// <summary>The packages that bring the demo's picture and coastlines are missing or not what was expected.</summary>
internal sealed class DemoDataException(string whatHappened, Exception? cause = null)
    : CuratorException(whatHappened, "Delete demo/node_modules and run './curator demo' again: it installs the packages anew.", cause);
