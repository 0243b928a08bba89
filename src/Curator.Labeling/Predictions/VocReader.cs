using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Curator.Core;

namespace Curator.Labeling.Predictions;

/// <summary>
/// Pascal VOC detections: an XML file a picture with <c>object/name</c> and <c>object/confidence</c> (or <c>score</c>). Plain annotations have no confidence; their boxes count
/// as certain. A DTD is refused, so that no entity is ever expanded.
/// </summary>
internal static class VocReader
{
    private const long LargestCharacters = 16 << 20;

    /// <exception cref="WorkspaceException">A file that is no such XML.</exception>
    public static PredictionSet Read(string source, PredictionReadOptions options, CancellationToken cancellationToken)
    {
        IEnumerable<string> files = Directory.Exists(source) ? Directory.EnumerateFiles(source, "*.xml").Order(StringComparer.Ordinal) : [source];
        var found = new List<(string Image, List<(string Class, float Confidence)> Boxes)>();
        long certain = 0;
        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var root = Load(file);
            var boxes = new List<(string Class, float Confidence)>();
            foreach (var thing in root.Elements("object"))
            {
                if (thing.Element("name")?.Value.Trim() is not { Length: > 0 } name) throw PredictionReader.Bad(file, "has an object without a name");
                var text = (thing.Element("confidence") ?? thing.Element("score"))?.Value.Trim();
                if (text is null) certain++;
                boxes.Add((name, text is null ? 1 : PredictionReader.Probability(Number(text, file), file, name)));
            }
            // The name inside is that of the picture; the file's own name is the custom where it is missing.
            var image = root.Element("filename")?.Value.Trim() is { Length: > 0 } inside ? Path.GetFileNameWithoutExtension(inside) : Path.GetFileNameWithoutExtension(file);
            found.Add((image, boxes));
        }
        if (found.GroupBy(f => f.Image, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any()) is { } twice) throw PredictionReader.Bad(source, $"names the picture {twice.Key} more than once");
        IReadOnlyList<string> classes = options.Classes.Count > 0 ? options.Classes : [.. found.SelectMany(f => f.Boxes).Select(b => b.Class).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var numbers = classes.Select((name, number) => (name, number)).ToDictionary(c => c.name, c => c.number, StringComparer.Ordinal);
        if (found.SelectMany(f => f.Boxes).FirstOrDefault(b => !numbers.ContainsKey(b.Class)).Class is { } unknown) throw PredictionReader.Bad(source, $"has boxes of the class '{unknown}', which is not among those named");
        return new PredictionSet(
            PredictionKind.Detection, classes.Count > 0 ? classes : ["object"],
            [.. found.Select(f => new ImagePrediction(f.Image, [], [.. f.Boxes.Select(b => new Detection(numbers[b.Class], b.Confidence))]))], certain);
    }

    private static XElement Load(string file)
    {
        try
        {
            using var reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = LargestCharacters });
            return XDocument.Load(reader).Root is { } root && root.Name.LocalName == "annotation" ? root : throw PredictionReader.Bad(file, "has no <annotation> at its root");
        }
        catch (XmlException error)
        {
            throw new WorkspaceException($"'{file}' is no XML that is read here: {error.Message}", "Write it again as Pascal VOC, without a DTD.", error);
        }
    }

    private static double Number(string text, string file) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw PredictionReader.Bad(file, $"has '{text}' for a confidence");
}
