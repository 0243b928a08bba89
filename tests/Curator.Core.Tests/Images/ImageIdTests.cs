using Curator.Core.Images;

namespace Curator.Core.Tests.Images;

public sealed class ImageIdTests
{
    [Theory]
    [InlineData(3, 1742L, "3-1742")]
    [InlineData(1, 0L, "1-0")]
    public void Text_form_reads_back(int partition, long row, string text)
    {
        var id = new ImageId(partition, row);
        Assert.Equal(text, id.ToString());
        Assert.Equal(id, ImageId.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("-7")]
    [InlineData("7-")]
    [InlineData("7-1-2")]
    [InlineData("../7-1")]
    [InlineData("7- 1")]
    public void Anything_else_is_refused(string text) => Assert.False(ImageId.TryParse(text, null, out _));
}
