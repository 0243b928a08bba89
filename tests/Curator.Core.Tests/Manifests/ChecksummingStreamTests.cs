using Curator.Core.Manifests;

namespace Curator.Core.Tests.Manifests;

public sealed class ChecksummingStreamTests
{
    [Fact]
    public void What_a_full_disk_refused_is_kept_for_the_error()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no /dev/full here");
        using var file = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        using var stream = new ChecksummingStream(file);
        Assert.Null(stream.Failure);
        var error = Assert.Throws<IOException>(() => stream.Write(new byte[100]));
        Assert.Same(error, stream.Failure);
    }
}
