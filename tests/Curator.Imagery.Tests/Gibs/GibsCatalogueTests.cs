using Curator.Imagery.Decoding;
using Curator.Imagery.Gibs;

namespace Curator.Imagery.Tests.Gibs;

/// <summary>Real documents of the server.</summary>
public sealed class GibsCatalogueTests
{
    private static GibsCatalogue Recorded(string name)
    {
        using var stream = File.OpenRead(TestData.Shared($"gibs/caps/{name}"));
        return GibsCatalogue.Parse(stream, GibsProjection.Geographic);
    }

    [Fact]
    public void The_recorded_capabilities_of_2017_are_read_whole()
    {
        var catalogue = Recorded("geotools_nasa.getcapa.xml");
        // The one left out is in the grid "1.5km", which the document does not describe.
        Assert.Equal(519, catalogue.Layers.Count);
        var modis = catalogue.Find("MODIS_Terra_CorrectedReflectance_TrueColor");
        Assert.Equal(("image/jpeg", "jpeg", "250m", "250m", 9), (modis.Format, modis.Extension, modis.Grid.Name, modis.Resolution, modis.Grid.Levels.Count));
        Assert.Equal("Corrected Reflectance (True Color, MODIS, Terra)", modis.Title);
        Assert.Equal(("2012-01-01", "2017-06-16"), (modis.Domain.First?.Text, modis.Domain.Last?.Text));
        Assert.Equal((0.002197265625, 320, 160), (modis.Grid.Levels[8].PixelSize, modis.Grid.Levels[8].Columns, modis.Grid.Levels[8].Rows));
        Assert.True(catalogue.Find("BlueMarble_NextGeneration").Domain.IsTimeless);
        Assert.Equal(1986, catalogue.Find("MODIS_Terra_CorrectedReflectance_TrueColor").Domain.Between(new DateOnly(2012, 1, 1), new DateOnly(2017, 6, 8)).Count);
        Assert.Equal(["MODIS_Aqua_Data_No_Data", "MODIS_Terra_Data_No_Data"], catalogue.Search(["no_data"]).Select(layer => layer.Identifier));
        Assert.Contains("'MODIS_Terra_Data_No_Data'", Assert.Throws<GibsException>(() => catalogue.Find("MODIS_Tera_Data_No_Data")).NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void The_older_document_is_read_too_though_its_denominators_are_rounded()
    {
        var catalogue = Recorded("owslib_eosdis-wmts-cap.xml");
        Assert.Equal(55, catalogue.Layers.Count);
        var modis = catalogue.Find("MODIS_Terra_CorrectedReflectance_TrueColor");
        Assert.Equal((0.002197265625, "250m"), (modis.Grid.Levels[8].PixelSize, modis.Resolution));
    }

    [Fact]
    public void What_is_no_capabilities_document_is_refused()
    {
        foreach (var text in (string[])["", "<a/>", "{}", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"])
            Assert.Throws<GibsException>(() => GibsCatalogue.Parse(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), GibsProjection.Geographic));
    }

    [Theory]
    [InlineData("Blank_RGB_512.jpg")]
    [InlineData("Blank_RGB_512_ZEN.jpg")]
    [InlineData("Blank_RGBA_512.png")]
    public void The_pictures_that_stand_for_no_data_are_recognised(string name)
    {
        var answer = new GibsAnswer { Status = System.Net.HttpStatusCode.OK, Body = File.ReadAllBytes(TestData.Shared($"gibs/onearth/{name}")) };
        Assert.Equal(TileVerdict.Blank, Judge(answer).Verdict);
    }

    [Theory]
    [InlineData("MORCR143LLDY/MODIS_Terra_CorrectedReflectance_TrueColor_0.jpg")]
    [InlineData("MORCR143ARDY/MORCR143ARDY_0.jpg")] // four components
    public void Real_tiles_are_good(string name)
    {
        var answer = new GibsAnswer { Status = System.Net.HttpStatusCode.OK, Body = File.ReadAllBytes(TestData.Shared($"gibs/onearth/{name}")), ActualTime = "2020-09-27T00:00:00Z" };
        var judgement = Judge(answer, GibsTime.OfDay(new DateOnly(2020, 9, 27)));
        Assert.Equal((TileVerdict.Good, ""), (judgement.Verdict, judgement.Detail));
        Assert.Equal(TileVerdict.OtherTime, Judge(answer, GibsTime.OfDay(new DateOnly(2020, 9, 28))).Verdict);
        Assert.Equal(TileVerdict.Broken, Judge(answer with { Body = answer.Body[..^200] }).Verdict);
    }

    [Theory]
    [InlineData(200, "TileOutOfRange", nameof(TileVerdict.Nothing))]
    [InlineData(200, "NoApplicableCode", nameof(TileVerdict.Broken))]
    [InlineData(400, "InvalidParameterValue", nameof(TileVerdict.Nothing))]
    [InlineData(404, "", nameof(TileVerdict.Nothing))]
    [InlineData(429, "", nameof(TileVerdict.Busy))]
    [InlineData(503, "", nameof(TileVerdict.Busy))]
    [InlineData(500, "", nameof(TileVerdict.Broken))]
    [InlineData(302, "", nameof(TileVerdict.Broken))]
    public void Errors_are_told_apart_by_status_and_body(int status, string code, string verdict)
    {
        var answer = new GibsAnswer
        {
            Status = (System.Net.HttpStatusCode)status,
            Body = System.Text.Encoding.UTF8.GetBytes($"""<?xml version="1.0"?><ExceptionReport><Exception exceptionCode="{code}"><ExceptionText>it is so</ExceptionText></Exception></ExceptionReport>"""),
        };
        var judgement = Judge(answer);
        Assert.Equal(verdict, judgement.Verdict.ToString());
        if (code.Length > 0) Assert.EndsWith($"{code} it is so", judgement.Detail, StringComparison.Ordinal);
    }

    private static Judgement Judge(GibsAnswer answer, GibsTime? time = null) =>
        TileJudge.Judge(answer, time, new GibsLevel(0, 0.5625, 512, 512, 2, 1), new ImageDecoder(), out _);
}
