using System.Security.Cryptography;
using System.Text;
using Curator.Core;
using Curator.Core.Images;

namespace Curator.Learning.Encoders;

/// <summary>
/// How a picture becomes the pixels that an encoder takes, as its card says it: <c>stretch</c>, <c>fill-stretch</c>, or <c>stretch;bands=8,4,3,2;stretch=0:3000</c> for bands of a TIFF, any number, as they
/// are in the file, whatever the manifest shows them as.
/// </summary>
internal sealed record Preparation
{
    /// <summary>Bands that an encoder takes at most.</summary>
    public const int MostBands = 64;

    private Preparation(string text, bool fillsGaps, Rendering? bands) => (Text, FillsGaps, Rendering) = (text, fillsGaps, bands);

    public string Text { get; }

    /// <summary>Whether parts without data are filled before the resize.</summary>
    public bool FillsGaps { get; }

    /// <summary>Bands and their stretch, one for all or one a band; null for RGB.</summary>
    public Rendering? Rendering { get; }

    /// <summary>C of the pictures.</summary>
    public int Channels => Rendering?.Bands!.Count ?? 3;

    /// <summary>For file names: empty for the plain one.</summary>
    public string FileSuffix => Text == EncoderCard.Stretch ? ""
        : Rendering is null ? "-" + Text
        : $"-bands-{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Text)))[..12]}";

    /// <returns>Null for what this version does not know.</returns>
    public static Preparation? TryParse(string text)
    {
        if (text is EncoderCard.Stretch or EncoderCard.FillAndStretch) return new Preparation(text, text == EncoderCard.FillAndStretch, null);
        const string prefix = EncoderCard.Stretch + ";";
        if (!text.StartsWith(prefix, StringComparison.Ordinal)) return null;
        try
        {
            var rendering = Rendering.Parse(text[prefix.Length..]);
            return rendering is { Bands: { Count: >= 1 and <= MostBands } bands, Fill: null } && bands.All(band => band is >= 1 and <= ushort.MaxValue)
                && (rendering.Stretch is not { } stretch || ((stretch.Count == 1 || stretch.Count == bands.Count) && stretch.All(pair => double.IsFinite(pair.High - pair.Low) && pair.Low < pair.High)))
                ? new Preparation(text, false, rendering) : null;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }

    /// <exception cref="ArgumentException">Not one of this version's: cards are checked when they are read.</exception>
    public static Preparation Of(string text) => TryParse(text) ?? throw new ArgumentException($"Pictures cannot be prepared by '{text}'.", nameof(text));

    /// <param name="bands">From 1, with commas.</param>
    /// <param name="stretch">Such as <c>0:3000</c>, or one a band with commas; null for the whole range of the samples.</param>
    /// <exception cref="WorkspaceException">Neither can be read.</exception>
    public static string OfBands(string bands, string? stretch)
    {
        var text = $"{EncoderCard.Stretch};bands={bands}{(stretch is null ? "" : $";stretch={stretch}")}".Replace(" ", "", StringComparison.Ordinal);
        return TryParse(text) is not null ? text : throw new WorkspaceException(
            $"Bands '{bands}'{(stretch is null ? "" : $" with the stretch '{stretch}'")} cannot be read.",
            $"Give 1 to {MostBands} bands from 1 on, such as --bands 2,3,4,8, and one stretch for all or one a band, such as --stretch 0:3000.");
    }
}
