using Curator.Core.Databases;

namespace Curator.Core.Tests.Databases;

public sealed class PostgresAddressTests
{
    [Fact]
    public void An_address_names_server_database_user_and_schema()
    {
        var address = PostgresAddress.Parse("postgres://ann:s%40crat@db.example:5433/teams?schema=island_1&sslmode=verify-full");
        Assert.Contains("Host=db.example", address.ConnectionString, StringComparison.Ordinal);
        Assert.Contains("Port=5433", address.ConnectionString, StringComparison.Ordinal);
        Assert.Contains("Password=s@crat", address.ConnectionString, StringComparison.Ordinal);
        Assert.Contains("SSL Mode=VerifyFull", address.ConnectionString, StringComparison.Ordinal);
        Assert.Equal("island_1", address.Schema);
        Assert.DoesNotContain("s@crat", address.Shown, StringComparison.Ordinal);
        Assert.Equal("curator", PostgresAddress.Parse("postgresql://localhost/x").Schema);
    }

    [Theory]
    [InlineData("mysql://localhost/x")]
    [InlineData("curator.db")]
    [InlineData("postgres://localhost/x?schema=a;drop")]
    [InlineData("postgres://localhost/x?schema=Upper")]
    [InlineData("postgres://localhost/x?options=-c")]
    public void What_is_no_address_is_refused_with_the_form_it_should_have(string text)
    {
        var error = Assert.Throws<WorkspaceException>(() => PostgresAddress.Parse(text));
        Assert.Contains("postgres://", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_settings_of_a_project_keep_the_address_without_its_password()
    {
        Assert.Equal("postgres://ann@db/x?schema=y", PostgresAddress.WithoutPassword("postgres://ann:secret@db/x?schema=y"));
        var address = Project.PostgresAddress();
        using var folder = new TemporaryFolder();
        var clock = new ManualClock();
        await using (await Workspace.InitAsync(folder["p"], address.Replace("curator@", "curator:any@", StringComparison.Ordinal), clock, CancellationToken.None))
        {
        }

        var settings = await File.ReadAllTextAsync(folder["p/curator.json"]);
        Assert.DoesNotContain("any", settings, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["p/curator.db"]));
        await using var again = await Workspace.OpenAsync(folder["p"], clock, CancellationToken.None);
        Assert.Empty(await again.Labels.GetTasksAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_server_that_is_away_is_said_to_be_away()
    {
        using var folder = new TemporaryFolder();
        var error = await Assert.ThrowsAsync<StorageException>(
            () => Workspace.InitAsync(folder["p"], $"postgres://ann:secret@localhost/x?host={folder.FullPath}", new ManualClock(), CancellationToken.None));
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }
}
