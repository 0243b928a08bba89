using CsCheck;
using Curator.Core.Settings;

namespace Curator.Core.Tests.Settings;

public sealed class NearMissTests
{
    [Theory]
    [InlineData("--mintues", "--minutes")]
    [InlineData("trian", "train")]
    [InlineData("exprot", "export")]
    [InlineData("Serach", "search")]
    public void A_slip_finds_the_word(string typed, string meant) =>
        Assert.Equal(meant, NearMiss.Find(typed, ["--minutes", "--method", "train", "embed", "export", "search"]));

    [Theory]
    [InlineData("banana")]
    [InlineData("--workspaces-of-everyone")]
    public void Something_else_finds_nothing(string typed) => Assert.Null(NearMiss.Find(typed, ["train", "embed", "--json"]));

    [Fact]
    public void The_distance_is_symmetric_and_zero_only_for_equal_words() =>
        Gen.Select(Gen.String[Gen.Char["abc"], 0, 6], Gen.String[Gen.Char["abc"], 0, 6]).Sample((a, b) =>
            NearMiss.Distance(a, b) == NearMiss.Distance(b, a)
            && (NearMiss.Distance(a, b) == 0) == (a == b)
            && NearMiss.Distance(a, b) <= Math.Max(a.Length, b.Length));
}
