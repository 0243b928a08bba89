using Curator.Core.Images;

namespace Curator.Core.Tests.Images;

public sealed class MetadataTests
{
    [Theory]
    [InlineData("Region", "region")]
    [InlineData(" Cloud Cover (%) ", "cloud_cover")]
    [InlineData("width", "given_width")]
    [InlineData("2nd", "given_2nd")]
    [InlineData("höhe", "h_he")]
    [InlineData("%", "given")]
    public void Headings_become_names_of_columns(string heading, string name)
    {
        Assert.Equal(name, MetadataColumn.ToName(heading));
        Assert.True(MetadataColumn.IsValid(name));
    }

    [Fact]
    public void Columns_of_two_kinds_become_text() =>
        Assert.Equal(
            [new("a", MetadataKind.Text), new("b", MetadataKind.Number), new("c", MetadataKind.Text)],
            MetadataColumn.Union([new("b", MetadataKind.Number), new("a", MetadataKind.Number)], [new("c", MetadataKind.Text), new("a", MetadataKind.Text)]));

    [Theory]
    [InlineData("/a/b.jpg", "/a/b.jpg", 0L, null)]
    [InlineData("/a/s.tar#512+99/x/b.jpg", "/a/s.tar", 512L, 99L)]
    [InlineData("/a/#1/b.jpg", "/a/#1/b.jpg", 0L, null)]
    [InlineData("/a/s#1+2/t.tar#5+6/b#7.jpg", "/a/s#1+2/t.tar", 5L, 6L)]
    [InlineData("/a/s.tar#+6/b.jpg", "/a/s.tar#+6/b.jpg", 0L, null)]
    [InlineData("/a/s.tar#-5+6/b.jpg", "/a/s.tar#-5+6/b.jpg", 0L, null)]
    public void Addresses_are_paths_or_runs_of_bytes_in_them(string uri, string path, long offset, long? length) =>
        Assert.Equal(new SourceAddress(path, offset, length), SourceAddress.Parse(uri));

    [Fact]
    public void Addresses_inside_containers_read_back_and_end_with_the_name()
    {
        var uri = SourceAddress.Inside("/data/shard-000.tar", 1536, 20_480, "2020/tile.jpg");
        Assert.Equal(new SourceAddress("/data/shard-000.tar", 1536, 20_480), SourceAddress.Parse(uri));
        Assert.Equal("tile.jpg", Path.GetFileName(uri));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fill=neighbor")]
    [InlineData("bands=4,3,2;stretch=0:3000")]
    [InlineData("bands=1;stretch=-1.5:2,3:4E+20;fill=smooth")]
    public void Renderings_read_back(string text) => Assert.Equal(text, Rendering.Parse(text).ToString());

    [Theory]
    [InlineData("blur=3")]
    [InlineData("bands=x")]
    [InlineData("stretch=3")]
    public void Renderings_of_later_versions_are_no_renderings(string text) => Assert.Throws<FormatException>(() => Rendering.Parse(text));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(13, 5)]
    [InlineData(256, 256)]
    public void Masks_up_to_a_thousand_pixels_a_side_are_kept_exactly(int width, int height)
    {
        var mask = new byte[width * height];
        for (var i = 0; i < mask.Length; i++) mask[i] = (byte)(i * 7919 % 5 == 0 ? 255 : 0);
        var back = new byte[mask.Length];
        GapMask.Unpack(GapMask.Of(mask, width, height).Packed.ToArray()).Expand(width, height, back);
        Assert.Equal(mask, back);
    }

    [Fact]
    public void Masks_of_larger_pictures_cover_every_pixel_of_theirs()
    {
        const int Width = 3000, Height = 1500;
        var mask = new byte[Width * Height];
        for (var i = 0; i < mask.Length; i += 4999) mask[i] = 255;
        var back = new byte[mask.Length];
        GapMask.Of(mask, Width, Height).Expand(Width, Height, back);
        for (var i = 0; i < mask.Length; i += 4999) Assert.Equal(255, back[i]);
        Assert.InRange(back.Count(cell => cell != 0), mask.Length / 4999, mask.Length / 4999 * 12);
    }

    [Fact]
    public void Bytes_that_are_no_mask_are_refused()
    {
        Assert.Throws<InvalidDataException>(() => GapMask.Unpack([1, 0, 1]));
        Assert.Throws<InvalidDataException>(() => GapMask.Unpack([0, 0, 1, 0, 0]));
        Assert.Throws<InvalidDataException>(() => GapMask.Unpack([9, 0, 9, 0, 3, 0]).Expand(9, 9, new byte[81]));
    }
}
