using System.Formats.Tar;
using System.Globalization;
using System.Text.Json;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Ingest;

namespace Curator.Imagery.Containers;

/// <summary>
/// Pictures in a plain tar, in the order in which they lie there. Members that share a name up to the first dot of its last part are one sample (WebDataset): its <c>.json</c> gives date,
/// place and free columns, its <c>.cls</c> and <c>.txt</c> columns of these names. Only headers and these small members are read.
/// </summary>
internal static class TarContainer
{
    /// <summary>Largest side file that is read.</summary>
    private const int MaxFactBytes = 1 << 20;

    /// <param name="refusal">Set when the archive ends early or is damaged; what lies before that is yielded.</param>
    public static IEnumerable<SourceEntry> List(string path, long modifiedNanoseconds, Action<ImageProblem, string> refusal)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
        using var tar = new TarReader(stream);
        var pictures = new List<(string Name, long Offset, long Length)>();
        var side = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var key = "";
        while (true)
        {
            TarEntry? member;
            byte[]? facts = null;
            try
            {
                member = tar.GetNextEntry();
                if (member?.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile && Extension(member.Name) is "json" or "cls" or "txt" && member.Length <= MaxFactBytes)
                {
                    facts = new byte[member.Length];
                    member.DataStream?.ReadExactly(facts);
                }
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException or IOException or FormatException or ArgumentException)
            {
                refusal(e is EndOfStreamException ? ImageProblem.Truncated : ImageProblem.Corrupt, $"the archive: {SourceFile.OneLine(e.Message)}");
                break;
            }

            if (member is null) break;
            if (member.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)) continue;
            var name = Cleaned(member.Name);
            if (Key(name) != key)
            {
                foreach (var entry in Sample()) yield return entry;
                key = Key(name);
            }

            if (facts is not null) side[Extension(name)] = facts;
            else if (SourceWalker.HasPictureExtension(name) && member.Length > 0) pictures.Add((name, member.DataOffset, member.Length));
            if (member.DataOffset + member.Length > stream.Length)
            {
                pictures.RemoveAll(picture => picture.Offset == member.DataOffset);
                refusal(ImageProblem.Truncated, $"the archive ends inside {name}");
                break;
            }
        }

        foreach (var entry in Sample()) yield return entry;

        IEnumerable<SourceEntry> Sample()
        {
            var said = pictures.Count == 0 ? "" : Facts(side).ToString();
            foreach (var (name, offset, length) in pictures) yield return new SourceEntry(SourceAddress.Inside(path, offset, length, name), length, modifiedNanoseconds, said);
            pictures.Clear();
            side.Clear();
        }
    }

    private static SourceFacts Facts(Dictionary<string, byte[]> side)
    {
        if (side.Count == 0) return SourceFacts.None;
        var columns = new List<(string Heading, string Text)>();
        foreach (var (extension, bytes) in side.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            var text = System.Text.Encoding.UTF8.GetString(bytes).Trim();
            if (extension != "json")
            {
                columns.Add((extension, text));
                continue;
            }

            try
            {
                using var json = JsonDocument.Parse(text);
                if (json.RootElement.ValueKind == JsonValueKind.Object)
                    foreach (var property in json.RootElement.EnumerateObject())
                        if (property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
                            columns.Add((property.Name, property.Value.ToString()));
            }
            catch (JsonException)
            {
                // The picture is taken in without what its side file would say.
            }
        }

        return FactColumns.Read([.. columns.Select(c => c.Heading)], [.. columns.Select(c => c.Text)], static (column, text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
    }

    /// <summary>A relative name that cannot be taken for a run of bytes.</summary>
    internal static string Cleaned(string name) => string.Join('/', name.Replace('#', '_').Split('/').Where(part => part is not ("" or "." or "..")));

    private static string Extension(string name) => Path.GetExtension(name).TrimStart('.').ToLowerInvariant();

    private static string Key(string name)
    {
        var last = name.LastIndexOf('/') + 1;
        var dot = name.IndexOf('.', last);
        return dot < 0 ? name : name[..dot];
    }
}
