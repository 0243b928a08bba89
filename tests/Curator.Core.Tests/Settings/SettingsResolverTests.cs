using System.ComponentModel.DataAnnotations;
using CsCheck;
using Curator.Core.Settings;

namespace Curator.Core.Tests.Settings;

public sealed class SettingsResolverTests
{
    private static readonly Dictionary<string, string> Nothing = [];

    [Fact]
    public void Defaults_stand_where_nothing_is_said()
    {
        var (options, settings) = SettingsResolver.Resolve<SampleOptions>("train", Nothing, Nothing, null);
        Assert.Equal(new SampleOptions(), options);
        Assert.All(settings, setting => Assert.Equal((SettingOrigin.Default, ""), (setting.Origin, setting.Source)));
        Assert.Contains(new ResolvedSetting("train.batch-size", "256", SettingOrigin.Default, ""), settings);
        Assert.Contains(new ResolvedSetting("train.time-budget", "00:30:00", SettingOrigin.Default, ""), settings);
        Assert.Contains(new ResolvedSetting("train.encoder", "", SettingOrigin.Default, ""), settings);
    }

    [Fact]
    public void A_flag_beats_a_variable_beats_the_file_beats_the_default()
    {
        var given = new[] { (SettingOrigin.Flag, "--batch-size", "1"), (SettingOrigin.Environment, "CURATOR_TRAIN_BATCH_SIZE", "2"), (SettingOrigin.File, "curator.json", "3") };
        Gen.Bool.Array[3].Sample(present =>
        {
            var (options, settings) = SettingsResolver.Resolve<SampleOptions>(
                "train",
                present[0] ? new Dictionary<string, string> { ["batch-size"] = "1" } : Nothing,
                present[1] ? new Dictionary<string, string> { ["CURATOR_TRAIN_BATCH_SIZE"] = "2" } : Nothing,
                present[2] ? """{ "train": { "batch-size": 3 } }""" : """{ "other": {} }""");
            var winner = Array.IndexOf(present, true);
            var expected = winner < 0
                ? new ResolvedSetting("train.batch-size", "256", SettingOrigin.Default, "")
                : new ResolvedSetting("train.batch-size", given[winner].Item3, given[winner].Item1, given[winner].Item2);
            Assert.Contains(expected, settings);
            Assert.Equal(expected.Value, options.BatchSize.ToString(System.Globalization.CultureInfo.InvariantCulture));
        });
    }

    [Fact]
    public void Every_type_is_read()
    {
        var (options, _) = SettingsResolver.Resolve<SampleOptions>("train", new Dictionary<string, string>
        {
            ["encoder"] = "simclr", ["batch-size"] = "8", ["images"] = "10000000000", ["temperature"] = "0.25", ["dropout"] = "1e-1",
            ["mirror"] = "no", ["method"] = "barlow-twins", ["time-budget"] = "90s", ["from"] = "2024-02-29", ["seed"] = "-7",
        }, Nothing, null);
        Assert.Equal(
            new SampleOptions
            {
                Encoder = "simclr", BatchSize = 8, Images = 10_000_000_000, Temperature = 0.25, Dropout = 0.1f,
                Mirror = false, Method = SampleMethod.BarlowTwins, TimeBudget = TimeSpan.FromSeconds(90), From = new DateOnly(2024, 2, 29), Seed = -7,
            },
            options);
    }

    [Theory]
    [InlineData("30m", 1800)]
    [InlineData("2h", 7200)]
    [InlineData("90s", 90)]
    [InlineData("1.5h", 5400)]
    [InlineData("500ms", 0.5)]
    [InlineData("1d", 86400)]
    [InlineData("01:30:00", 5400)]
    public void Times_are_written_as_people_write_them(string text, double seconds)
    {
        var (options, _) = SettingsResolver.Resolve<SampleOptions>("train", new Dictionary<string, string> { ["time-budget"] = text }, Nothing, null);
        Assert.Equal(TimeSpan.FromSeconds(seconds), options.TimeBudget);
    }

    [Theory]
    [InlineData("time-budget", "30")]
    [InlineData("time-budget", "h")]
    [InlineData("batch-size", "1.5")]
    [InlineData("batch-size", "99999999999")]
    [InlineData("temperature", "0,5")]
    [InlineData("temperature", "NaN")]
    [InlineData("method", "1")]
    [InlineData("method", "moco")]
    [InlineData("from", "29/02/2024")]
    [InlineData("mirror", "perhaps")]
    public void Text_that_does_not_parse_is_refused_with_what_is_expected(string name, string text)
    {
        var error = Assert.Throws<WorkspaceException>(() => SettingsResolver.Resolve<SampleOptions>("train", new Dictionary<string, string> { [name] = text }, Nothing, null));
        Assert.Contains($"train.{name} is '{text}' (--{name})", error.WhatHappened, StringComparison.Ordinal);
        Assert.Contains("--show-config", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_named_at_once_with_near_misses()
    {
        var error = Assert.Throws<WorkspaceException>(() => SettingsResolver.Resolve<SampleOptions>(
            "train",
            new Dictionary<string, string> { ["method"] = "moco" },
            new Dictionary<string, string> { ["CURATOR_TRAIN_TEMPERATURE"] = "-1" },
            """{ "train": { "bach-size": 3, "zzzzzz": 1, "dropout": [1], "images": "many" } }"""));
        foreach (var part in (string[])
            [
                "6 settings are wrong", "train.method is 'moco' (--method), not one of sim-clr, barlow-twins", "train.temperature is -1 (CURATOR_TRAIN_TEMPERATURE)",
                "train.bach-size (curator.json) is unknown, did you mean 'batch-size'?", "train.zzzzzz (curator.json) is unknown;", "train.dropout (curator.json) is no single value",
                "train.images is 'many' (curator.json), not a whole number",
            ])
            Assert.Contains(part, error.WhatHappened, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "is no JSON")]
    [InlineData("[]", "holds no JSON object")]
    [InlineData("""{"train": 5}""", "'train' of curator.json is no JSON object")]
    [InlineData("""{"train": {"batch-size": null}}""", "train.batch-size")]
    public void A_file_that_is_not_as_it_should_be_is_told(string file, string expected)
    {
        var error = Assert.Throws<WorkspaceException>(() => SettingsResolver.Resolve<SampleOptions>("train", Nothing, Nothing, file));
        Assert.Contains(expected, error.WhatHappened, StringComparison.Ordinal);
    }

    [Fact]
    public void Comments_other_sections_and_nulls_of_nullable_settings_are_fine()
    {
        var (options, _) = SettingsResolver.Resolve<SampleOptions>(
            "train", Nothing, Nothing, """{ "version": 1, "embed": { "x": 1 }, /* why */ "train": { "seed": null, "encoder": "none", }, }""");
        Assert.Null(options.Seed);
        Assert.Equal("none", options.Encoder);
    }

    [Fact]
    public void Recorded_values_read_back()
    {
        var (_, settings) = SettingsResolver.Resolve<SampleOptions>(
            "train", new Dictionary<string, string> { ["temperature"] = "0.1", ["method"] = "BARLOWTWINS", ["time-budget"] = "36h", ["seed"] = "5" }, Nothing, null);
        var flags = settings.Where(setting => setting.Value.Length > 0).ToDictionary(setting => setting.Key["train.".Length..], setting => setting.Value);
        Assert.Equal(settings.Select(setting => setting.Value), SettingsResolver.Resolve<SampleOptions>("train", flags, Nothing, null).Settings.Select(setting => setting.Value));
    }

    [Theory]
    [InlineData("BatchSize", "batch-size")]
    [InlineData("K", "k")]
    [InlineData("EfSearch", "ef-search")]
    [InlineData("MaxDPI", "max-dpi")]
    [InlineData("KNNSize", "knn-size")]
    [InlineData("Level2Size", "level2-size")]
    public void Properties_have_kebab_names(string property, string expected) => Assert.Equal(expected, SettingsResolver.Kebab(property));

    [Fact]
    public void Edit_distance_is_the_recursive_one()
    {
        static int Literal(string a, string b) => a.Length == 0 ? b.Length : b.Length == 0 ? a.Length
            : Math.Min(Math.Min(Literal(a[1..], b), Literal(a, b[1..])) + 1, Literal(a[1..], b[1..]) + (a[0] == b[0] ? 0 : 1));
        var text = Gen.Char["ab"].Array[0, 6].Select(letters => new string(letters));
        Gen.Select(text, text).Sample((a, b) => Assert.Equal(Literal(a, b), NearMiss.Distance(a, b)), iter: 200);
        Assert.Equal("epochs", NearMiss.Find("epocs", ["batch-size", "epochs"]));
        Assert.Null(NearMiss.Find("k", ["epochs"]));
    }

    private enum SampleMethod
    {
        SimClr,
        BarlowTwins,
    }

    private sealed record SampleOptions
    {
        public string? Encoder { get; init; }

        [Range(1, 1 << 20)]
        public int BatchSize { get; init; } = 256;

        public long Images { get; init; } = 100_000;

        [Range(0.001, 10.0)]
        public double Temperature { get; init; } = 0.5;

        public float Dropout { get; init; }

        public bool Mirror { get; init; } = true;

        public SampleMethod Method { get; init; }

        public TimeSpan TimeBudget { get; init; } = TimeSpan.FromMinutes(30);

        public DateOnly? From { get; init; }

        public int? Seed { get; init; }
    }
}
