using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Search.Indexes;
using Curator.Search.Tests.Indexes;

namespace Curator.Search.Tests;

public sealed class FilterConditionTests
{
    private const int Dimension = 8;
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData("island=yes", "island", "yes", true)]
    [InlineData("island != yes", "island", "yes", false)]
    [InlineData("island", "island", null, true)]
    [InlineData("!island", "island", null, false)]
    public void Label_conditions_are_read(string text, string task, string? value, bool holds) =>
        Assert.Equal(new LabelCondition(task, value, holds), LabelCondition.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("=yes")]
    [InlineData("island=")]
    public void Other_label_conditions_are_refused_with_an_example(string text) =>
        Assert.Contains("island=yes", Assert.Throws<WorkspaceException>(() => LabelCondition.Parse(text)).NextStep, StringComparison.Ordinal);

    [Theory]
    [InlineData("nodata_share<0.2", "nodata_share", ColumnTest.Less, "0.2")]
    [InlineData("width >= 64", "width", ColumnTest.GreaterOrEqual, "64")]
    [InlineData("folder=River", "folder", ColumnTest.Equal, "River")]
    [InlineData("folder!=", "folder", ColumnTest.NotEqual, "")]
    [InlineData("uri~a=b", "uri", ColumnTest.Contains, "a=b")]
    public void Column_conditions_are_read_and_written(string text, string column, ColumnTest test, string value)
    {
        var condition = ColumnCondition.Parse(text);
        Assert.Equal(new ColumnCondition(column, test, value), condition);
        Assert.Equal(condition, ColumnCondition.Parse(condition.ToString()));
    }

    [Theory]
    [InlineData("No data<0.2", "nodata_share")]
    [InlineData("nodata_share<much", "0.2")]
    [InlineData("width~6", "number")]
    [InlineData("folder River", "folder~river")]
    [InlineData("<3", "nodata_share<0.2")]
    public void Other_column_conditions_are_refused_with_the_way_out(string text, string way) =>
        Assert.Contains(way, Assert.Throws<WorkspaceException>(() => ColumnCondition.Parse(text)).NextStep, StringComparison.Ordinal);

    [Fact]
    public async Task Column_conditions_leave_what_the_manifest_says_with_and_without_an_index()
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        await PutAsync(space);
        using var search = new PartitionedSearch(space.Workspace, space.Encoder, new PartitionedSearchOptions { Tuning = new SearchTuning { ExactBelow = 0, Probes = 1000 } });
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(Every(i => i < 100), await RowsAsync(search, new SearchFilter { Columns = [ColumnCondition.Parse("width<100")] }));
            Assert.Equal(Every(i => i % 3 == 1), await RowsAsync(search, new SearchFilter { Columns = [ColumnCondition.Parse("folder=class1")] }));
            Assert.Equal(Every(i => i % 3 == 1 && i >= 690), await RowsAsync(search, new SearchFilter { Columns = [ColumnCondition.Parse("folder~SS1"), ColumnCondition.Parse("width>=690")] }));
            Assert.Equal(Every(i => i % 3 != 1 && i >= 690), await RowsAsync(search, new SearchFilter { Columns = [ColumnCondition.Parse("folder!=class1"), ColumnCondition.Parse("width>689")] }));
            Assert.Equal([17], await RowsAsync(search, new SearchFilter { Columns = [ColumnCondition.Parse("file=17.jpg")], From = s_day.AddDays(17), To = s_day.AddDays(18) }));
            Assert.Empty(await RowsAsync(search, new SearchFilter { Columns = [ColumnCondition.Parse("file=17.jpg")], To = s_day.AddDays(17) }));
            await IndexSearchTests.IndexAsync(space, new IndexOptions { ListsFrom = 0 });
        }
    }

    [Fact]
    public async Task Free_columns_are_searched_by_number_and_by_text_and_misspelled_ones_are_told()
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        await space.PutAsync("a", Gaussians.Rows(300, Dimension, 1), change: (i, record) => record with { CloudShare = i % 2 == 0 ? i / 300f : null, Metadata = Given(i) }, free: s_free);
        await space.PutAsync("b", Gaussians.Rows(10, Dimension, 2), change: (_, record) => record with { CloudShare = 0 });
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        Assert.Equal(Enumerable.Range(0, 300).Where(i => i % 3 != 0 && i < 100), await Found("elevation<100"));
        Assert.Equal(Enumerable.Range(0, 300).Where(i => i % 3 != 0 && i != 7), await Found("elevation!=7"));
        Assert.Equal(Enumerable.Range(0, 300).Where(i => i % 5 == 2), await Found("region=zone 2"));
        Assert.Equal(Enumerable.Range(0, 300).Where(i => i % 5 == 2 && i % 3 != 0 && i >= 200), await Found("region~ONE 2", "elevation>=200"));
        Assert.Equal(Enumerable.Range(0, 150).Where(i => i % 2 == 0).Concat(Enumerable.Range(0, 10)).Order(), await Found("cloud_share<0.499"));

        var unknown = await Assert.ThrowsAsync<WorkspaceException>(() => Found("elevaton<100"));
        Assert.Contains("'elevation'", unknown.NextStep, StringComparison.Ordinal);
        Assert.Contains("'nodata_share'", (await Assert.ThrowsAsync<WorkspaceException>(() => Found("nodata_shore<0.2"))).NextStep, StringComparison.Ordinal);
        Assert.Contains("0.2", (await Assert.ThrowsAsync<WorkspaceException>(() => Found("elevation<high"))).NextStep, StringComparison.Ordinal);

        Task<IEnumerable<int>> Found(params string[] conditions) => RowsAsync(search, new SearchFilter { Columns = [.. conditions.Select(ColumnCondition.Parse)] });
        static ImageMetadata Given(int i) => ImageMetadata.Of(new Dictionary<string, MetadataValue>
        {
            ["elevation"] = i % 3 == 0 ? default : MetadataValue.Of((double)i),
            ["region"] = MetadataValue.Of($"zone {i % 5}"),
        });
    }

    private static readonly MetadataColumn[] s_free = [new("region", MetadataKind.Text), new("elevation", MetadataKind.Number)];

    [Fact]
    public async Task Label_conditions_follow_the_answers_as_they_are_given()
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        await PutAsync(space);
        await space.Workspace.Labels.GetOrAddTaskAsync(new LabelingTask("island", "?", ["yes", "no"], null, null, "", space.Workspace.Clock.GetUtcNow()), None);
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        for (var i = 0; i < 9; i++) await AnswerAsync(i, i % 3 == 0 ? LabelEventKind.Unsure : LabelEventKind.Label, i % 3 == 0 ? null : i % 3 == 1 ? "yes" : "no");
        Assert.Equal([1, 4, 7], await Labeled("island=yes"));
        Assert.Equal([0, 3, 6], await Labeled("island=unsure"));
        Assert.Equal(Every(i => i < 9), await Labeled("island"));
        Assert.Equal(Every(i => i >= 9), await Labeled("!island"));
        Assert.Equal(Every(i => i is not (1 or 4 or 7)), await Labeled("island!=yes"));
        Assert.Equal([2, 5, 8], await Labeled("island!=yes", "island!=unsure", "island"));
        await AnswerAsync(100, LabelEventKind.Label, "yes");
        Assert.Equal([1, 4, 7, 100], await Labeled("island=yes"));
        Assert.Equal([4, 7], await RowsAsync(search, new SearchFilter { Labels = [LabelCondition.Parse("island=yes")], From = s_day.AddDays(2), To = s_day.AddDays(50) }));
        Assert.Equal([7], await RowsAsync(search, new SearchFilter { Labels = [LabelCondition.Parse("island=yes")], Among = new HashSet<ImageId> { new(1, 7), new(1, 8) } }));

        var error = await Assert.ThrowsAsync<WorkspaceException>(() => Labeled("island=maybe"));
        Assert.Contains("yes, no", error.NextStep, StringComparison.Ordinal);
        await Assert.ThrowsAsync<WorkspaceException>(() => Labeled("volcano=yes"));

        Task<IEnumerable<int>> Labeled(params string[] conditions) => RowsAsync(search, new SearchFilter { Labels = [.. conditions.Select(LabelCondition.Parse)] });
        Task AnswerAsync(int row, LabelEventKind kind, string? value) =>
            space.Workspace.Labels.AppendAsync(new NewLabelEvent($"op-{row}", "island", new ImageId(1, row), "ann", "s", kind, value), None);
    }

    private static readonly DateTimeOffset s_day = new(2020, 6, 1, 0, 0, 0, TimeSpan.Zero);

    private static IEnumerable<int> Every(Func<int, bool> holds) => Enumerable.Range(0, 700).Where(holds);

    private static Task<Partition> PutAsync(SearchWorkspace space) => space.PutAsync("a", Gaussians.Rows(700, Dimension, 1), change: (i, record) => record with
    {
        Width = i,
        Folder = $"class{i % 3}",
        TakenAt = s_day.AddDays(i),
    });

    private static async Task<IEnumerable<int>> RowsAsync(PartitionedSearch search, SearchFilter filter) =>
        (await search.SearchAsync(new SearchQuery { Positives = [Gaussians.Rows(1, Dimension, 9)], Count = 1000, Filter = filter }, None)).Select(hit => (int)hit.Image.Row).Order();
}
