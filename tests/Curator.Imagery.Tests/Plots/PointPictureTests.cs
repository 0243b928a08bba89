using Curator.Imagery.Decoding;
using Curator.Imagery.Plots;

namespace Curator.Imagery.Tests.Plots;

public sealed class PointPictureTests
{
    [Fact]
    public void Points_are_where_they_belong_in_their_category_s_colour()
    {
        // A corner each, and one in the middle: x to the right, y upwards.
        float[] positions = [0, 0, 10, 0, 0, 10, 10, 10, 5, 5];
        var rgb = PointPicture.Render(positions, [0, 1, 2, 3, -1], 200);
        Assert.Equal(CategoryColours.Of(0), At(24, 175));
        Assert.Equal(CategoryColours.Of(1), At(175, 175));
        Assert.Equal(CategoryColours.Of(2), At(24, 24));
        Assert.Equal(CategoryColours.Of(3), At(175, 24));
        Assert.Equal(((byte)150, (byte)150, (byte)150), At(100, 100));
        Assert.Equal(((byte)255, (byte)255, (byte)255), At(60, 60));

        (byte, byte, byte) At(int x, int y) => (rgb[((y * 200) + x) * 3], rgb[(((y * 200) + x) * 3) + 1], rgb[(((y * 200) + x) * 3) + 2]);
    }

    [Fact]
    public void A_crowd_is_fuller_than_a_single_point_and_both_are_seen()
    {
        var positions = new float[6000];
        (positions[0], positions[1]) = (100, 100);
        var rgb = PointPicture.Render(positions, new int[3000], 128);
        byte crowd = rgb[((102 * 128) + 24) * 3], single = rgb[((24 * 128) + 103) * 3];
        Assert.InRange(single, crowd + 1, 254);
    }

    [Fact]
    public void Twenty_categories_have_twenty_colours_and_none_is_white() =>
        Assert.Equal(20, Enumerable.Range(0, 20).Select(CategoryColours.Of).Where(colour => colour.Red + colour.Green + colour.Blue < 560).Distinct().Count());

    [Fact]
    public void The_file_is_a_picture_of_the_asked_side_also_of_one_point_or_none()
    {
        using var folder = new TemporaryFolder();
        foreach (var positions in (float[][])[[], [3, 4], [3, 4, 3, 4]])
        {
            PointPicture.Write(folder["map.png"], positions, new int[positions.Length / 2], 300);
            var result = new ImageDecoder().DecodeFile(folder["map.png"], DecodeOptions.Default);
            Assert.True(result.Succeeded, result.Detail);
            Assert.Equal((300, 300), (result.Image.Width, result.Image.Height));
        }
    }
}
