using System.IO.Compression;
using System.Text.Json;
using Curator.Server;

namespace Curator.Cli.Tests;

/// <summary><c>extension</c>: what is written is what a browser loads, with the least rights.</summary>
public sealed class ExtensionVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_written_with_the_least_rights_under_the_id_that_the_server_lets_in()
    {
        var run = await CommandLineRun.OfAsync("extension", _folder["ext"], "--json");
        Assert.Equal(ExitCodes.Done, run.ExitCode);
        Assert.Equal(new ServeOptions().Extensions, JsonDocument.Parse(run.Output).RootElement.GetProperty("id").GetString());
        var manifest = Manifest(await File.ReadAllTextAsync(Path.Combine(_folder["ext"], "manifest.json")));
        Assert.Equal(3, manifest.GetProperty("manifest_version").GetInt32());
        Assert.Equal(["sidePanel", "storage"], Names(manifest, "permissions"));
        Assert.Equal(["https://worldview.earthdata.nasa.gov/*"], Names(manifest, "host_permissions"));
        foreach (var more in new[] { "content_scripts", "optional_permissions", "optional_host_permissions", "externally_connectable", "web_accessible_resources" })
            Assert.False(manifest.TryGetProperty(more, out _), more);
        foreach (var file in new[] { manifest.GetProperty("background").GetProperty("service_worker").GetString()!, manifest.GetProperty("side_panel").GetProperty("default_path").GetString()!, "privacy.html" })
            Assert.True(File.Exists(Path.Combine(_folder["ext"], file)), file);
        Assert.All(
            manifest.GetProperty("icons").EnumerateObject(), icon => Assert.True(File.Exists(Path.Combine(_folder["ext"], icon.Value.GetString()!)), icon.Name));
    }

    [Fact]
    public async Task An_earlier_one_is_replaced_and_a_folder_with_something_else_is_left_alone()
    {
        Assert.Equal(ExitCodes.Done, (await CommandLineRun.OfAsync("extension", _folder["ext"])).ExitCode);
        await File.WriteAllTextAsync(Path.Combine(_folder["ext"], "old.js"), "");
        var again = await CommandLineRun.OfAsync("extension", _folder["ext"]);
        Assert.Equal(ExitCodes.Done, again.ExitCode);
        Assert.Contains("chrome://extensions", again.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder["ext"], "old.js")));
        Directory.CreateDirectory(_folder["mine"]);
        await File.WriteAllTextAsync(Path.Combine(_folder["mine"], "manifest.json"), """{"name":"another"}""");
        var refused = await CommandLineRun.OfAsync("extension", _folder["mine"]);
        Assert.Equal(ExitCodes.CouldNot, refused.ExitCode);
        Assert.Contains("holds something else", refused.Error, StringComparison.Ordinal);
        Assert.Equal(["manifest.json"], Directory.EnumerateFiles(_folder["mine"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task The_packed_file_is_the_same_each_time_and_has_no_key()
    {
        foreach (var name in new[] { "a.zip", "b.zip" }) Assert.Equal(ExitCodes.Done, (await CommandLineRun.OfAsync("extension", "--zip", _folder[name])).ExitCode);
        Assert.Equal(await File.ReadAllBytesAsync(_folder["a.zip"]), await File.ReadAllBytesAsync(_folder["b.zip"]));
        await using var archive = await ZipFile.OpenReadAsync(_folder["a.zip"]);
        using var reader = new StreamReader(await archive.GetEntry("manifest.json")!.OpenAsync());
        Assert.False(Manifest(await reader.ReadToEndAsync()).TryGetProperty("key", out _));
        Assert.Contains(archive.Entries, entry => entry.FullName == "worker.js");
    }

    private static JsonElement Manifest(string text) => JsonDocument.Parse(text).RootElement;

    private static string[] Names(JsonElement manifest, string list) => [.. manifest.GetProperty(list).EnumerateArray().Select(name => name.GetString()!)];
}
