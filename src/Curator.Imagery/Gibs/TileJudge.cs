using System.Collections.Frozen;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Curator.Imagery.Decoding;
using Curator.Imagery.Ingest;

namespace Curator.Imagery.Gibs;

/// <summary>What an answer to a request for a tile is worth.</summary>
internal enum TileVerdict
{
    /// <summary>The tile that was asked for.</summary>
    Good,

    /// <summary>The picture that stands for no data.</summary>
    Blank,

    /// <summary>The server says that there is no such tile.</summary>
    Nothing,

    /// <summary>A picture of another time.</summary>
    OtherTime,

    /// <summary>The server is busy.</summary>
    Busy,

    /// <summary>No whole and right answer.</summary>
    Broken,
}

/// <param name="Detail">What is wrong with it, for people; empty when it is good.</param>
/// <param name="NoDataShare">Share of exactly black pixels of a picture.</param>
internal readonly record struct Judgement(TileVerdict Verdict, string Detail, double NoDataShare)
{
    public GateSignal Signal(GibsAnswer answer) => Verdict switch
    {
        TileVerdict.Busy => GateSignal.Overload,
        TileVerdict.Broken => answer.TimedOut ? GateSignal.Overload : GateSignal.Neutral,
        _ => GateSignal.Good,
    };
}

/// <summary>Judges answers: the status alone says little, for errors come with 200 and pictures of nothing are pictures.</summary>
internal static partial class TileJudge
{
    /// <summary>The static pictures that the server answers for missing tiles, by their bytes: black JPEG of 512 (two), of 256, and transparent PNG of both sizes.</summary>
    private static readonly FrozenSet<string> BlankTiles = new[]
    {
        "265cf11371c6a5c939dea302e1e2f331f38fa5e31946f2a02a56947e719af51e",
        "36151f49380d175ab2f8525618e1eadc84d1b64cefd699b6c6ee96c4dad7dd2d",
        "3a1aa2dd6afc4459eedc567ae9f40d5ddcf59c40599d7aa62843a85a181f7e0b",
        "cb07de0822728b753164a1fa4488c5bdee1f7e0eb981a2cf9863098ce8f0c302",
        "3c6c50f94ab35e9f96c772731fe6b7950048179bc81b8ab0396cc1edbde89163",
    }.ToFrozenSet();

    /// <param name="time">What was asked for; null for layers without times.</param>
    /// <param name="sha256">Of the body, when the body is a whole picture; empty else.</param>
    public static Judgement Judge(GibsAnswer answer, GibsTime? time, GibsLevel level, ImageDecoder decoder, out string sha256)
    {
        sha256 = "";
        if (answer.Failure is { } failure) return new(TileVerdict.Broken, failure, 0);
        var status = (int)answer.Status;
        if (answer.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) return new(TileVerdict.Busy, $"status {status}", 0);
        if (answer.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest) return new(TileVerdict.Nothing, $"status {status}{Explained(answer.Body)}", 0);
        if (status != 200) return new(TileVerdict.Broken, $"status {status}{Explained(answer.Body)}", 0);
        if (answer.Body.Length == 0) return new(TileVerdict.Broken, "an empty answer", 0);
        if (IsXml(answer.Body))
            return new(Explained(answer.Body) is var said && (said.Contains("TileOutOfRange", StringComparison.Ordinal) || said.Contains("InvalidParameterValue", StringComparison.Ordinal))
                ? TileVerdict.Nothing : TileVerdict.Broken, $"an error in place of the picture{said}", 0);
        if (Picture(answer.Body, level, decoder, out var share) is { } damage) return new(TileVerdict.Broken, damage, 0);
        if (time is { } asked && answer.ActualTime is { Length: > 0 } actual && !(GibsTime.TryParse(actual, out var answered) && answered.Moment == asked.Moment))
            return new(TileVerdict.OtherTime, $"the server answered with {OneLine(actual)}", share);
        sha256 = Convert.ToHexStringLower(SHA256.HashData(answer.Body));
        return new(share == 1 || BlankTiles.Contains(sha256) ? TileVerdict.Blank : TileVerdict.Good, "", share);
    }

    private static string? Picture(byte[] body, GibsLevel level, ImageDecoder decoder, out double share)
    {
        share = 0;
        if (ImageHeader.Sniff(body) is not (ImageFormat.Jpeg or ImageFormat.Png)) return "neither JPEG nor PNG";
        var result = decoder.Decode(body, DecodeOptions.Default);
        if (!result.Succeeded) return $"{result.Problem}: {result.Detail}";
        if (result.Image.Width != level.TileWidth || result.Image.Height != level.TileHeight)
            return $"{result.Image.Width}×{result.Image.Height} pixels; tiles have {level.TileWidth}×{level.TileHeight}";
        share = PictureFacts.Of(result.Image.Pixels.Span).NoDataShare;
        return null;
    }

    private static bool IsXml(byte[] body)
    {
        var text = body.AsSpan(0, Math.Min(body.Length, 64));
        if (text.StartsWith<byte>([0xEF, 0xBB, 0xBF])) text = text[3..];
        return text.TrimStart(" \t\r\n"u8) is [(byte)'<', ..];
    }

    /// <summary>Code and text of an OWS exception report, one line; empty when the body is none.</summary>
    private static string Explained(byte[] body)
    {
        if (!IsXml(body)) return "";
        var text = Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, 4096));
        var code = Code().Match(text) is { Success: true } found ? found.Groups[1].Value : "";
        var said = Said().Match(text) is { Success: true } words ? words.Groups[1].Value : "";
        var both = OneLine($"{code} {said}".Trim());
        return both.Length == 0 ? "" : $": {both}";
    }

    private static string OneLine(string text)
    {
        var line = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
        return line.Length > 200 ? line[..200] + "…" : line;
    }

    [GeneratedRegex("exceptionCode=\"([^\"]{1,80})\"")]
    private static partial Regex Code();

    [GeneratedRegex("<(?:ows:)?ExceptionText>([^<]{1,400})")]
    private static partial Regex Said();
}
