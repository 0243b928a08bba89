using Curator.Labeling.Rounds;

namespace Curator.Labeling.Tests.Rounds;

public sealed class EmbeddingSourceTests
{
    [Theory]
    [InlineData("")]
    [InlineData("bf16-cpu")]
    public async Task Embeddings_are_taken_whatever_they_were_computed_in(string computation)
    {
        var data = Mixture.Draw(60, 8, 3, 1, 0.1, 0.15, 3);
        await using var made = await SyntheticWorkspace.MakeAsync(data, partitions: 2, computation: computation);

        using var source = await EmbeddingSource.OpenAsync(made.Workspace, made.Task.Encoder, TestContext.Current.CancellationToken);

        Assert.Equal(made.Images.Order(), source.Eligible());
        Assert.All(source.Parts, part => Assert.Equal(computation, part.File.Computation));
    }
}
