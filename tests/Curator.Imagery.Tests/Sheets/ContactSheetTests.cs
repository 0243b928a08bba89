using Curator.Imagery.Decoding;
using Curator.Imagery.Sheets;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Sheets;

public sealed class ContactSheetTests
{
    [Fact]
    public void Shows_every_picture_its_caption_and_the_title()
    {
        using var folder = new TemporaryFolder();
        byte[] red = [.. Enumerable.Range(0, 64 * 64).SelectMany(_ => (byte[])[250, 0, 0])];
        File.WriteAllBytes(folder["red.png"], Pictures.Png(red, 64, 64));
        File.WriteAllText(folder["bad.jpg"], "no picture");
        byte[] blue = [.. Enumerable.Range(0, 30 * 60).SelectMany(_ => (byte[])[0, 0, 250])];
        ContactSheet.Write(
            folder["sheet.png"],
            [
                new SheetItem(folder["red.png"], "0.125", SheetFrame.Query), new SheetItem(folder["bad.jpg"], "a caption much too long for its small cell, cut"),
                new SheetItem(new RgbImage(30, 60, blue), "pixels", SheetFrame.Good), new SheetItem(folder["absent.png"], ""),
            ],
            new SheetOptions { Title = "Islands", Subtitle = "four of them", Columns = 2, CellSide = 100 });
        var result = new ImageDecoder().DecodeFile(folder["sheet.png"], DecodeOptions.Default);
        Assert.True(result.Succeeded, result.Detail);
        var image = result.Image;
        Assert.Equal(320, image.Width); // The least width that has room for a title.
        Assert.Equal((250, 0, 0), At(image, 16 + 50, 70 + 50));
        Assert.Equal((0xE0, 0xE0, 0xE0), At(image, 16 + 110 + 10, 70 + 10));
        Assert.Equal((0, 0, 250), At(image, 16 + 50, 70 + 130 + 50));
        Assert.Equal((255, 255, 255), At(image, 16 + 10, 70 + 130 + 50)); // Beside the upright picture.
        Assert.Contains(Enumerable.Range(16, 100), x => At(image, x, 30).R < 100); // Ink of the title.
    }

    [Fact]
    public void No_pictures_still_make_a_sheet()
    {
        using var folder = new TemporaryFolder();
        ContactSheet.Write(folder["empty.png"], [], new SheetOptions { Title = "Nothing found" });
        Assert.True(new ImageDecoder().DecodeFile(folder["empty.png"], DecodeOptions.Default).Succeeded);
    }

    private static (byte R, byte G, byte B) At(DecodedImage image, int x, int y)
    {
        var at = 3 * (y * image.Width + x);
        return (image.Pixels.Span[at], image.Pixels.Span[at + 1], image.Pixels.Span[at + 2]);
    }
}
