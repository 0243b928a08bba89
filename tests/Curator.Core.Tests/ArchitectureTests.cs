using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Curator.Core.Tests;

/// <summary>
/// The walls between the rooms. Project references make everything below reachable, so the sources are searched too: a room names only what it may.
/// </summary>
public sealed partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> MayEnter = new()
    {
        ["Core"] = [],
        ["Imagery"] = ["Core"],
        ["Learning"] = ["Core", "Imagery"],
        ["Search"] = ["Core"],
        ["Labeling"] = ["Core", "Imagery", "Search"],
        ["Server"] = ["Core", "Imagery", "Learning", "Search", "Labeling"],
        ["Cli"] = ["Core", "Imagery", "Learning", "Search", "Labeling", "Server"],
    };

    /// <summary>Package or namespace (a prefix) → the rooms that may name it.</summary>
    private static readonly (string Prefix, string[] Rooms)[] Belongings =
    [
        ("TorchSharp", ["Learning"]),
        ("libtorch", ["Learning"]),
        ("Microsoft.ML.OnnxRuntime", ["Learning"]),
        ("Google.Protobuf", ["Learning"]),
        ("SkiaSharp", ["Imagery"]),
        ("NetVips", ["Imagery"]),
        ("BitMiracle", ["Imagery"]),
        ("Microsoft.Data.Sqlite", ["Core"]),
        ("SQLitePCL", ["Core"]),
        ("Npgsql", ["Core"]),
        ("System.Data", ["Core"]),
        ("ParquetSharp", ["Core"]),
        ("System.IO.Hashing", ["Core"]),
        ("Microsoft.AspNetCore", ["Server"]),
        ("Orleans", ["Server"]),
        ("System.CommandLine", ["Cli"]),
        ("Spectre.Console", ["Cli"]),
        // Tests read exports back with it.
        ("DuckDB", []),
        ("QRCoder", ["Server", "Cli"]),
    ];

    public static TheoryData<string> Rooms => [.. MayEnter.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_references_only_the_rooms_it_may_enter(string room)
    {
        var references = Project(room).Descendants("ProjectReference").Select(reference => (string)reference.Attribute("Include")!)
            .Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))["Curator.".Length..]);
        Assert.Empty(references.Except(MayEnter[room]));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_references_only_the_packages_that_belong_to_it(string room)
    {
        var packages = Project(room).Descendants().Where(element => element.Name.LocalName is "PackageReference" or "FrameworkReference")
            .Select(element => (string?)element.Attribute("Include") ?? "");
        Assert.Empty(packages.SelectMany(package => Trespasses(room, package)));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void The_sources_of_a_room_name_only_what_it_may_reach(string room)
    {
        var trespasses = new List<string>();
        foreach (var file in Sources(room))
        {
            var text = File.ReadAllText(file);
            foreach (Match match in Qualified().Matches(text))
            {
                trespasses.AddRange(Trespasses(room, match.Value).Select(what => $"{Path.GetFileName(file)}: {what}"));
                if (RoomName().Match(match.Value) is { Success: true } other && MayEnter.ContainsKey(other.Groups[1].Value)
                    && other.Groups[1].Value != room && !MayEnter[room].Contains(other.Groups[1].Value))
                    trespasses.Add($"{Path.GetFileName(file)}: {match.Value}");
            }
        }

        Assert.Empty(trespasses.Distinct());
    }

    [Fact]
    public void There_are_no_other_rooms() =>
        Assert.Equal(
            MayEnter.Keys.Order(),
            Directory.EnumerateDirectories(Path.Combine(TestData.Root, "src")).Select(directory => Path.GetFileName(directory)["Curator.".Length..]).Order());

    [Fact]
    public void Every_package_version_is_exact_and_stands_in_one_place()
    {
        var versions = XDocument.Load(Path.Combine(TestData.Root, "Directory.Packages.props")).Descendants("PackageVersion").ToList();
        Assert.NotEmpty(versions);
        Assert.All(versions, version => Assert.Matches(@"^\d+(\.\d+){1,3}(-[0-9A-Za-z.-]+)?$", (string)version.Attribute("Version")!));
        Assert.Equal(versions.Count, versions.Select(version => (string)version.Attribute("Include")!).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        foreach (var project in Directory.EnumerateFiles(Path.Combine(TestData.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(TestData.Root, "tests"), "*.csproj", SearchOption.AllDirectories)))
            Assert.DoesNotContain(XDocument.Load(project).Descendants("PackageReference"), package => package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null);
    }

    [Fact]
    public void Every_package_says_why_it_is_there()
    {
        var versions = XDocument.Load(Path.Combine(TestData.Root, "Directory.Packages.props")).Descendants("PackageVersion");
        // Tests and build are said by their group; packages of one native set share the comment of the first.
        var silent = versions.Where(version => ((string?)version.Parent!.Attribute("Label"))?.StartsWith("Tests", StringComparison.Ordinal) != true
            && (string?)version.Parent.Attribute("Label") != "Build"
            && !version.NodesBeforeSelf().OfType<XComment>().Any());
        Assert.Empty(silent);
    }

    [Fact]
    public void No_room_has_a_name_that_says_nothing()
    {
        string[] empty = ["Common", "Utils", "Util", "Helpers", "Misc", "Shared"];
        var named = MayEnter.Keys.SelectMany(Sources)
            .Where(file => empty.Contains(Path.GetFileName(Path.GetDirectoryName(file))) || empty.Any(name => Path.GetFileNameWithoutExtension(file).EndsWith(name, StringComparison.Ordinal))
                || Path.GetFileNameWithoutExtension(file).EndsWith("Manager", StringComparison.Ordinal));
        Assert.Empty(named);
    }

    [Fact]
    public void The_search_for_trespassers_finds_one()
    {
        Assert.Equal(["TorchSharp.torch belongs to Learning"], Trespasses("Search", "TorchSharp.torch"));
        Assert.Empty(Trespasses("Learning", "TorchSharp.torch"));
        Assert.Contains(Qualified().Matches("using static TorchSharp.torch;"), match => match.Value == "TorchSharp.torch");
        Assert.Contains(Qualified().Matches("namespace X;\n\nusing SkiaSharp;\n"), match => match.Value == "SkiaSharp");
        Assert.Contains(Qualified().Matches("var x = global::SkiaSharp.SKCodec.Create(path);"), match => match.Value == "SkiaSharp.SKCodec.Create");
    }

    private static IEnumerable<string> Trespasses(string room, string name) =>
        from belonging in Belongings
        where (name == belonging.Prefix || name.StartsWith(belonging.Prefix + ".", StringComparison.Ordinal) || name.StartsWith(belonging.Prefix + "-", StringComparison.Ordinal))
            && !belonging.Rooms.Contains(room)
        select $"{name} belongs to {string.Join(" and ", belonging.Rooms)}";

    private static XDocument Project(string room) => XDocument.Load(Path.Combine(TestData.Root, "src", $"Curator.{room}", $"Curator.{room}.csproj"));

    private static IEnumerable<string> Sources(string room) =>
        Directory.EnumerateFiles(Path.Combine(TestData.Root, "src", $"Curator.{room}"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    /// <summary>Names, dotted or not, outside of comments and strings, near enough: lines of comments are skipped.</summary>
    [GeneratedRegex(@"(?<=^(?!\s*//)[^""\n]*?)\b[A-Z]\w+(?:\.\w+)*", RegexOptions.Multiline)]
    private static partial Regex Qualified();

    [GeneratedRegex(@"^Curator\.(\w+)")]
    private static partial Regex RoomName();
}
