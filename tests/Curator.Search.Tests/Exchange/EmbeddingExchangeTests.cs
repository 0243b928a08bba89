using System.Globalization;
using System.Text;
using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Search.Exchange;

namespace Curator.Search.Tests.Exchange;

public sealed class EmbeddingExchangeTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Npy_round_trip_gives_the_same_embeddings_to_a_new_encoder()
    {
        await using var space = await SearchWorkspace.CreateAsync(5);
        using var folder = new TemporaryFolder();
        var a = SearchWorkspace.Stored(Gaussians.Rows(300, 5, 1), EmbeddingPrecision.Half);
        a.AsSpan(7 * 5, 5).Clear();
        var b = SearchWorkspace.Stored(Gaussians.Rows(20, 5, 2), EmbeddingPrecision.Half);
        await space.PutAsync("a", a);
        await space.PutAsync("b", b);
        Assert.Equal(320, await EmbeddingExport.ToNpyAsync(space.Workspace, space.Encoder, folder["all.npy"], None));
        Assert.Equal("image,partition,filename", (await File.ReadAllLinesAsync(folder["all.npy.csv"]))[0]);
        Assert.Equal("2-19,b/native/all,/nowhere/b/19.jpg", (await File.ReadAllLinesAsync(folder["all.npy.csv"]))[^1]);

        var report = await EmbeddingImport.FromNpyAsync(space.Workspace, "outside", folder["all.npy"], EmbeddingPrecision.Half, None);
        Assert.Equal((319L, 1L, 0L, 5), (report.Images, report.Missing, report.Unknown, report.Encoder.Dimension));
        using var search = new PartitionedSearch(space.Workspace, report.Encoder);
        Assert.Equal<IEnumerable<float>>(b[^5..], await search.GetEmbeddingAsync(new ImageId(2, 19), None));
        Assert.Null(await search.GetEmbeddingAsync(new ImageId(1, 7), None));
        Assert.Equal(new ImageId(2, 3), (await search.SearchAsync(new SearchQuery { Positives = [b[15..20]], Count = 1 }, None))[0].Image);
    }

    [Fact]
    public void Npy_head_is_what_NEP_1_describes()
    {
        // Magic, version 1.0, length of the text, and the text padded with blanks and a line feed to a multiple of 64 bytes.
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }";
        var head = NpyHeader.ForSingle(3, 2);
        Assert.Equal(128, head.Length);
        Assert.Equal((byte[])[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, 118, 0], head[..10]);
        Assert.Equal(text + new string(' ', 117 - text.Length) + "\n", Encoding.ASCII.GetString(head, 10, 118));
    }

    [Theory]
    [InlineData("<f2")]
    [InlineData("<f4")]
    [InlineData("<f8")]
    public async Task Npy_of_other_precisions_is_read(string type)
    {
        await using var space = await SearchWorkspace.CreateAsync(1);
        using var folder = new TemporaryFolder();
        await space.PutAsync("a", [1, 2, 3]);
        var bytes = new MemoryStream();
        foreach (var value in new[] { 0.5, -2, 4, 8, -0.25, 1 })
            bytes.Write(type switch
            {
                "<f2" => BitConverter.GetBytes((Half)value),
                "<f4" => BitConverter.GetBytes((float)value),
                _ => BitConverter.GetBytes(value),
            });
        await File.WriteAllBytesAsync(folder["x.npy"], Npy($"{{'descr': '{type}', 'fortran_order': False, 'shape': (3, 2), }}", bytes.ToArray()));
        var report = await EmbeddingImport.FromNpyAsync(space.Workspace, "x", folder["x.npy"], EmbeddingPrecision.Single, None);
        using var search = new PartitionedSearch(space.Workspace, report.Encoder);
        Assert.Equal<IEnumerable<float>>([-0.25f, 1], await search.GetEmbeddingAsync(new ImageId(1, 2), None));
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2), }", 24, "Fortran")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (3, 2), }", 24, "little-endian")]
    [InlineData("{'descr': '<i4', 'fortran_order': False, 'shape': (3, 2), }", 24, "little-endian")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }", 24, "1 rows")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 2), }", 24, "two dimensions")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", 20, "20 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }", 32, "3 images")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 65536), }", 24, "bytes of numbers")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 2), }", 24, "shape")]
    [InlineData("", 0, "matrix")]
    public async Task Npy_that_does_not_fit_is_refused(string head, int numberBytes, string message)
    {
        await using var space = await SearchWorkspace.CreateAsync(1);
        using var folder = new TemporaryFolder();
        await space.PutAsync("a", [1, 2, 3]);
        await File.WriteAllBytesAsync(folder["x.npy"], Npy(head, new byte[numberBytes]));
        var error = await Assert.ThrowsAsync<EmbeddingStoreException>(() => EmbeddingImport.FromNpyAsync(space.Workspace, "x", folder["x.npy"], EmbeddingPrecision.Half, None));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Single(await space.Workspace.Catalog.GetEncodersAsync(None));
    }

    [Fact]
    public async Task Npy_cut_anywhere_or_of_random_bytes_is_refused()
    {
        await using var space = await SearchWorkspace.CreateAsync(1);
        using var folder = new TemporaryFolder();
        await space.PutAsync("a", [1, 2, 3]);
        var whole = Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", new byte[24]);
        for (var length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(folder["x.npy"], whole[..length]);
            await Assert.ThrowsAsync<EmbeddingStoreException>(() => EmbeddingImport.FromNpyAsync(space.Workspace, "x", folder["x.npy"], EmbeddingPrecision.Half, None));
        }
    }

    [Fact]
    public async Task Csv_round_trip_finds_images_by_path_name_and_id()
    {
        await using var space = await SearchWorkspace.CreateAsync(3);
        using var folder = new TemporaryFolder();
        var a = SearchWorkspace.Stored(Gaussians.Rows(50, 3, 1), EmbeddingPrecision.Half);
        a.AsSpan(3, 3).Clear();
        await space.PutAsync("a", a, change: (i, record) => i == 5 ? record with { Uri = "/nowhere/a/odd, \"name\".jpg" } : record);
        await space.PutAsync("b", a[..9]);
        Assert.Equal(51, await EmbeddingExport.ToCsvAsync(space.Workspace, space.Encoder, folder["all.csv"], None));
        var report = await EmbeddingImport.FromCsvAsync(space.Workspace, "outside", folder["all.csv"], EmbeddingPrecision.Half, None);
        Assert.Equal((51L, 2L, 0L), (report.Images, report.Missing, report.Unknown));
        using var search = new PartitionedSearch(space.Workspace, report.Encoder);
        Assert.Equal<IEnumerable<float>>(a[15..18], await search.GetEmbeddingAsync(new ImageId(1, 5), None));
        Assert.Equal<IEnumerable<float>>(a[147..150], await search.GetEmbeddingAsync(new ImageId(1, 49), None));

        // "2.jpg" is the name of an image in both partitions, so it names none; "40.jpg" is one image's.
        await File.WriteAllTextAsync(folder["names.csv"], "filename,label,embedding_0,embedding_1\n40.jpg,x,1,2\n2-1,y,3,4\n2.jpg,z,5,6\nnobody.jpg,z,7,8\n");
        report = await EmbeddingImport.FromCsvAsync(space.Workspace, "names", folder["names.csv"], EmbeddingPrecision.Half, None);
        Assert.Equal((2L, 51L, 2L, 2), (report.Images, report.Missing, report.Unknown, report.Encoder.Dimension));
        using var byName = new PartitionedSearch(space.Workspace, report.Encoder);
        Assert.Equal<IEnumerable<float>>([1, 2], await byName.GetEmbeddingAsync(new ImageId(1, 40), None));
        Assert.Equal<IEnumerable<float>>([3, 4], await byName.GetEmbeddingAsync(new ImageId(2, 1), None));
    }

    [Theory]
    [InlineData("", "columns embedding_0")]
    [InlineData("filename,a,b\nx,1,2", "columns embedding_0")]
    [InlineData("filename,embedding_0\n0.jpg,1\n1.jpg,1,2", "Line 3")]
    [InlineData("filename,embedding_0\n0.jpg,one", "'one'")]
    [InlineData("filename,embedding_0\n0.jpg,NaN", "'NaN'")]
    [InlineData("filename,embedding_0\n\"0.jpg,1", "quote")]
    [InlineData("filename,embedding_0\nother.jpg,1", "None of the 1 lines")]
    public async Task Csv_that_does_not_fit_is_refused(string text, string message)
    {
        await using var space = await SearchWorkspace.CreateAsync(1);
        using var folder = new TemporaryFolder();
        await space.PutAsync("a", [1, 2, 3]);
        await File.WriteAllTextAsync(folder["x.csv"], text);
        var error = await Assert.ThrowsAsync<EmbeddingStoreException>(() => EmbeddingImport.FromCsvAsync(space.Workspace, "x", folder["x.csv"], EmbeddingPrecision.Half, None));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parquet_round_trip_gives_the_same_embeddings_to_a_new_encoder()
    {
        await using var space = await SearchWorkspace.CreateAsync(3);
        using var folder = new TemporaryFolder();
        var a = SearchWorkspace.Stored(Gaussians.Rows(5000, 3, 1), EmbeddingPrecision.Half);
        a.AsSpan(3, 3).Clear();
        await space.PutAsync("a", a);
        await space.PutAsync("b", a[6..15]);
        Assert.Equal(5002, await EmbeddingExport.ToParquetAsync(space.Workspace, space.Encoder, folder["all.parquet"], None));
        var first = EmbeddingParquet.Read(folder["all.parquet"]).First();
        Assert.Equal("1-0", first.Key);
        var report = await EmbeddingImport.FromParquetAsync(space.Workspace, "outside", folder["all.parquet"], EmbeddingPrecision.Half, None);
        Assert.Equal((5002L, 1L, 0L, 3), (report.Images, report.Missing, report.Unknown, report.Encoder.Dimension));
        using var search = new PartitionedSearch(space.Workspace, report.Encoder);
        Assert.Equal<IEnumerable<float>>(a[^3..], await search.GetEmbeddingAsync(new ImageId(1, 4999), None));
        Assert.Equal<IEnumerable<float>>(a[9..12], await search.GetEmbeddingAsync(new ImageId(2, 1), None));
        Assert.Null(await search.GetEmbeddingAsync(new ImageId(1, 1), None));
    }

    [Fact]
    public async Task Parquet_cut_anywhere_of_random_bytes_or_without_the_columns_is_refused()
    {
        await using var space = await SearchWorkspace.CreateAsync(3);
        using var folder = new TemporaryFolder();
        var partition = await space.PutAsync("a", Gaussians.Rows(20, 3, 1));
        await EmbeddingExport.ToParquetAsync(space.Workspace, space.Encoder, folder["all.parquet"], None);
        var whole = await File.ReadAllBytesAsync(folder["all.parquet"]);
        for (var length = 0; length < whole.Length; length += 7)
        {
            await File.WriteAllBytesAsync(folder["x.parquet"], whole[..length]);
            await RefusedAsync(folder["x.parquet"]);
        }

        var noise = new byte[5000];
        new Random(1).NextBytes(noise);
        await File.WriteAllBytesAsync(folder["x.parquet"], noise);
        await RefusedAsync(folder["x.parquet"]);
        Assert.Contains("'embedding'", (await RefusedAsync(space.Workspace.ManifestPath(partition))).Message, StringComparison.Ordinal);
        Assert.Single(await space.Workspace.Catalog.GetEncodersAsync(None));

        async Task<EmbeddingStoreException> RefusedAsync(string path) =>
            await Assert.ThrowsAsync<EmbeddingStoreException>(() => EmbeddingImport.FromParquetAsync(space.Workspace, "x", path, EmbeddingPrecision.Half, None));
    }

    [Fact]
    public async Task Embeddings_to_search_with_are_read_from_matrices_and_text()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["one.npy"], Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", [0, 0, 128, 63, 0, 0, 0, 64]));
        Assert.Equal<IEnumerable<float>>([1, 2], Assert.Single(await QueryEmbeddings.ReadAsync(folder["one.npy"], None)));
        foreach (var text in new[] { "1 2.5\n-3e-1,4\n", "[[1, 2.5],\n[-0.3, 4]]", "1;2.5\r\n\r\n-0.3;4" })
        {
            await File.WriteAllTextAsync(folder["two.txt"], text);
            var rows = await QueryEmbeddings.ReadAsync(folder["two.txt"], None);
            Assert.Equal<IEnumerable<float>>([1, 2.5f, -0.3f, 4], rows.SelectMany(row => row));
            Assert.Equal(2, rows.Count);
        }

        await File.WriteAllTextAsync(folder["json.json"], "[1,\n 2,\n 3]");
        Assert.Equal<IEnumerable<float>>([1, 2, 3], Assert.Single(await QueryEmbeddings.ReadAsync(folder["json.json"], None)));
        foreach (var (text, message) in new[] { ("", "no numbers"), ("1 two", "'two'"), ("1 2\n3", "1 numbers"), ("1 inf", "'inf'") })
        {
            await File.WriteAllTextAsync(folder["bad.txt"], text);
            Assert.Contains(message, (await Assert.ThrowsAsync<EmbeddingStoreException>(() => QueryEmbeddings.ReadAsync(folder["bad.txt"], None))).Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<EmbeddingStoreException>(() => QueryEmbeddings.ReadAsync(folder["absent.txt"], None));
    }

    private static byte[] Npy(string head, byte[] numbers)
    {
        var length = (ushort)(head.Length + 1);
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)(length & 255), (byte)(length >> 8), .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{head}\n")), .. numbers];
    }
}
