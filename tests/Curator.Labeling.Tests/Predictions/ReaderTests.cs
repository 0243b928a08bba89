using Curator.Core;
using Curator.Labeling.Predictions;

namespace Curator.Labeling.Tests.Predictions;

public sealed class ReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_table_of_probabilities_and_one_of_labels_are_read()
    {
        var wide = Read("a.csv", "image,cat,dog,bird\nx/1.jpg,0.7,0.2,0.1\n2.jpg,0.334,0.333,0.333\n");
        Assert.Equal(["cat", "dog", "bird"], wide.Classes);
        Assert.Equal(PredictionKind.Classification, wide.Kind);
        Assert.Equal([0.7f, 0.2f, 0.1f], wide.Images[0].Probabilities.Select(p => MathF.Round(p, 5)));
        var labels = Read("b.csv", "filename,label,confidence\n1.jpg,cat,0.9\n2.jpg,dog,0.6\n");
        Assert.Equal([0.4f, 0.6f], labels.Images[1].Probabilities.Select(p => MathF.Round(p, 5)));
        var one = Read("c.csv", "image,island\n1.jpg,0.25\n");
        Assert.Equal(["island", "not island"], one.Classes);
        Assert.Equal([0.25f, 0.75f], one.Images[0].Probabilities);
    }

    [Fact]
    public void Json_of_classifications_is_read()
    {
        var set = Read("a.json", """[{"image":"1.jpg","probabilities":{"cat":0.8,"dog":0.2}},{"file_name":"2.jpg","label":"dog","confidence":1}]""");
        Assert.Equal(["cat", "dog"], set.Classes);
        Assert.Equal([0f, 1f], set.Images[1].Probabilities);
    }

    [Fact]
    public void Coco_results_need_the_data_set_file_that_explains_their_numbers()
    {
        var data = Write("data.json", """{"images":[{"id":7,"file_name":"a.jpg"},{"id":9,"file_name":"b.jpg"}],"categories":[{"id":3,"name":"RBC"},{"id":1,"name":"WBC"}],"annotations":[]}""");
        var results = Write("results.json", """[{"image_id":7,"category_id":3,"bbox":[0,0,4,4],"score":0.75},{"image_id":7,"category_id":1,"bbox":[0,0,4,4],"score":0.5}]""");
        var alone = Assert.Throws<WorkspaceException>(() => Read(results));
        Assert.Contains("--annotations", alone.NextStep, StringComparison.Ordinal);
        var set = Read(results, new PredictionReadOptions { Annotations = data });
        Assert.Equal(["WBC", "RBC"], set.Classes);
        Assert.Equal(["a.jpg", "b.jpg"], set.Images.Select(i => i.Name));
        Assert.Equal([new Detection(1, 0.75f), new Detection(0, 0.5f)], set.Images[0].Boxes!);
        Assert.Empty(set.Images[1].Boxes!);
    }

    [Fact]
    public void One_coco_file_with_scores_is_read_and_boxes_without_count_as_certain()
    {
        var set = Read("a.json", """{"images":[{"id":1,"file_name":"a.jpg"}],"categories":[{"id":1,"name":"x"}],"annotations":[{"image_id":1,"category_id":1,"score":0.5},{"image_id":1,"category_id":1}]}""");
        Assert.Equal([0.5f, 1], set.Images[0].Boxes!.Select(b => b.Confidence));
        Assert.Equal(1, set.WithoutConfidence);
    }

    [Fact]
    public void Yolo_files_are_read_with_names_from_the_folder()
    {
        Write("yolo/a.txt", "0 0.5 0.5 0.1 0.1 0.9\n2 0.5 0.5 0.1 0.1 0.4\n");
        Write("yolo/b.txt", "");
        Assert.Equal(["0", "1", "2"], Read(_folder["yolo"]).Classes);
        Write("yolo/classes.txt", "rbc\nwbc\nplatelet\n");
        var set = Read(_folder["yolo"]);
        Assert.Equal(["rbc", "wbc", "platelet"], set.Classes);
        Assert.Equal(["a", "b"], set.Images.Select(i => i.Name));
        Assert.Equal([new Detection(0, 0.9f), new Detection(2, 0.4f)], set.Images[0].Boxes!);
        Assert.Throws<WorkspaceException>(() => Read(_folder["yolo"], new PredictionReadOptions { Classes = ["rbc"] }));
    }

    [Fact]
    public void Voc_files_are_read_and_an_entity_is_refused()
    {
        Write("voc/a.xml", "<annotation><filename>a.jpg</filename><object><name>RBC</name><confidence>0.5</confidence></object><object><name>Platelets</name></object></annotation>");
        Write("voc/b.xml", "<annotation></annotation>");
        var set = Read(_folder["voc"]);
        Assert.Equal(["Platelets", "RBC"], set.Classes);
        Assert.Equal([new Detection(1, 0.5f), new Detection(0, 1)], set.Images[0].Boxes!);
        Assert.Equal("b", set.Images[1].Name);
        Assert.Equal(1, set.WithoutConfidence);
        Write("voc/c.xml", "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><annotation><object><name>&e;</name></object></annotation>");
        Assert.Contains("DTD", Assert.Throws<WorkspaceException>(() => Read(_folder["voc"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty.csv", "")]
    [InlineData("no-header.csv", "1.jpg,0.5,0.5\n")]
    [InlineData("too-large.csv", "image,a,b\n1.jpg,1.5,0.5\n")]
    [InlineData("nan.csv", "image,a,b\n1.jpg,NaN,0.5\n")]
    [InlineData("sum.csv", "image,a,b\n1.jpg,0.9,0.5\n")]
    [InlineData("short.csv", "image,a,b\n1.jpg,1\n")]
    [InlineData("twice.csv", "image,a,b\n1.jpg,0.5,0.5\n1.jpg,0.5,0.5\n")]
    [InlineData("words.csv", "image,label,confidence\n1.jpg,a,much\n")]
    [InlineData("broken.json", "[{")]
    [InlineData("object.json", "{}")]
    [InlineData("numbers.json", "[1,2]")]
    [InlineData("text.json", """[{"image":"a","label":"x","confidence":"0.5"}]""")]
    [InlineData("coco.json", """[{"image_id":"a.jpg","category_id":"x","score":0.5}]""")]
    [InlineData("coco-score.json", """[{"image_id":"a.jpg","category_id":1,"score":7}]""")]
    [InlineData("line.txt", "zero 0 0 0 0 0.5\n")]
    [InlineData("many.txt", "2147483647 0 0 0 0 0.5\n")]
    [InlineData("page.xml", "<html></html>")]
    [InlineData("nothing.bin", "x")]
    public void What_does_not_fit_is_refused_with_its_place(string name, string text)
    {
        var error = Assert.Throws<WorkspaceException>(() => Read(name, text));
        Assert.Contains(name, error.WhatHappened, StringComparison.Ordinal);
    }

    private PredictionSet Read(string name, string text) => Read(Write(name, text));

    private static PredictionSet Read(string path, PredictionReadOptions? options = null) =>
        PredictionReader.Read(path, options ?? new PredictionReadOptions(), TestContext.Current.CancellationToken).Set;

    private string Write(string name, string text)
    {
        var path = _folder[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
