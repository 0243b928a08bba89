using Curator.Core;
using Curator.Learning.Encoders;

namespace Curator.Learning.Tests.Encoders;

public sealed class WhiteningTests
{
    [Fact]
    public void A_map_is_applied_as_written_and_survives_its_file()
    {
        using var folder = new TemporaryFolder();
        var whitening = new Whitening(5, 2, [1, 2, 3, 4, 5, -1, 0, 0, 0, 2], [10, 20]);
        File.WriteAllBytes(folder[Whitening.FileName], whitening.ToBytes());

        var read = Whitening.Read(folder[Whitening.FileName], 5);
        var output = new float[2];
        read.Apply([1, 1, 1, 1, 2], output);

        Assert.Equal([30f, 23f], output);
        Assert.Throws<CheckpointException>(() => Whitening.Read(folder[Whitening.FileName], 6));
    }
}
