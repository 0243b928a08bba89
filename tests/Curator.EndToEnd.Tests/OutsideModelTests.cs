using System.Globalization;
using System.Xml.Linq;

namespace Curator.EndToEnd.Tests;

/// <summary>
/// A detector from elsewhere decides what is labeled next: blood cells (BCCD) with their real boxes. The confidences are made up here, from the size of each box, because the
/// data set has annotations and no predictions: what is tested is the way of the numbers, not a detector.
/// </summary>
public sealed class OutsideModelTests
{
    [Fact]
    public async Task Boxes_of_a_detector_lead_to_a_list_of_files_worth_labeling()
    {
        var bccd = TestData.Shared("bccd/BCCD");
        using var project = await ScratchProject.CreateAsync(1);
        var predictions = project["predictions"];
        var confidences = Write(Path.Combine(bccd, "Annotations"), predictions);
        File.WriteAllText(Path.Combine(predictions, "NoSuchPicture.xml"), "<annotation></annotation>");
        (await project.RunAsync("add", Path.Combine(bccd, "JPEGImages"))).Expect(0);
        (await project.RunAsync("embed")).Expect(0);

        var imported = (await project.RunAsync("predictions", "import", "cells", predictions, "--json")).Expect(1).Json;
        Assert.Equal(364, imported.GetProperty("predictions").GetProperty("images").GetInt32());
        Assert.Equal(confidences.Values.Sum(c => c.Count), imported.GetProperty("predictions").GetProperty("boxes").GetInt32());
        Assert.Equal(["Platelets", "RBC", "WBC"], imported.GetProperty("predictions").GetProperty("classes").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal(["NoSuchPicture"], imported.GetProperty("unknown").EnumerateArray().Select(c => c.GetString()));

        var objectness = (await project.RunAsync("select", "-n", "10", "--strategy", "score^1", "--score", "objectness", "--json")).Expect(0).Json;
        var expected = confidences.Select(c => (Name: c.Key, Score: 1 - c.Value.DefaultIfEmpty(1).Average())).OrderByDescending(c => c.Score).Take(10).ToList();
        Assert.Equal(expected.Select(e => e.Name), objectness.GetProperty("images").EnumerateArray().Select(i => Path.GetFileNameWithoutExtension(i.GetProperty("path").GetString()!)));
        Assert.Equal(expected[0].Score, objectness.GetProperty("images")[0].GetProperty("score").GetDouble(), 4);

        var coral = (await project.RunAsync("select", "-n", "100", "--strategy", "coral", "--format", "files")).Expect(0);
        var files = coral.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(100, files.Distinct().Count());
        Assert.All(files, file => Assert.True(File.Exists(file), file));
        var csv = (await project.RunAsync("select", "-n", "3", "--strategy", "coral", "--format", "csv")).Expect(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("path,id,score,probability,reason", csv[0]);
        Assert.Equal(files.Take(3), csv.Skip(1).Select(line => line.Split(',')[0]));
    }

    /// <summary>Copies annotations with a confidence in each object: large boxes are surer than small ones.</summary>
    private static Dictionary<string, List<double>> Write(string annotations, string predictions)
    {
        Directory.CreateDirectory(predictions);
        var all = new Dictionary<string, List<double>>();
        foreach (var file in Directory.EnumerateFiles(annotations, "*.xml"))
        {
            var document = XDocument.Load(file);
            var confidences = all[Path.GetFileNameWithoutExtension(file)] = [];
            foreach (var thing in document.Root!.Elements("object"))
            {
                var box = thing.Element("bndbox")!;
                double Side(string low, string high) => (double)box.Element(high)! - (double)box.Element(low)!;
                var confidence = Math.Round(Math.Clamp(Math.Sqrt(Math.Max(0, Side("xmin", "xmax") * Side("ymin", "ymax"))) / 150, 0.05, 0.99), 3);
                thing.Add(new XElement("confidence", confidence.ToString(CultureInfo.InvariantCulture)));
                confidences.Add(confidence);
            }
            document.Save(Path.Combine(predictions, Path.GetFileName(file)));
        }
        return all;
    }
}
