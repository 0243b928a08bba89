using Curator.Core;
using Curator.Imagery;
using Curator.Imagery.Decoding;
using Curator.Imagery.Isolated;

namespace Curator.Server.Search;

/// <summary>Decodes pictures that visitors send, in a child process with limits where the host says how to start one. Thread-safe.</summary>
internal sealed class UploadDecoder(IReadOnlyList<string>? command) : IAsyncDisposable
{
    private readonly DecoderHost? _host = command is null ? null : new DecoderHost(command);

    /// <exception cref="WorkspaceException">No picture that can be read; says why.</exception>
    public async Task<RgbImage> DecodeAsync(ReadOnlyMemory<byte> file, CancellationToken cancellationToken)
    {
        var (image, detail) = _host is null ? await Task.Run(() => Here(file), cancellationToken) : await ThereAsync(_host, file, cancellationToken);
        return image ?? throw new WorkspaceException($"The picture cannot be used as a query: {detail}.", "Give a JPEG, PNG, WebP, GIF, BMP or TIFF picture that opens in a viewer.");
    }

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<(RgbImage? Image, string Detail)> ThereAsync(DecoderHost host, ReadOnlyMemory<byte> file, CancellationToken cancellationToken)
    {
        var picture = await host.DecodeAsync(file, 0, cancellationToken);
        return (picture.Image, picture.Detail);
    }

    private static (RgbImage? Image, string Detail) Here(ReadOnlyMemory<byte> file)
    {
        var result = new ImageDecoder().Decode(file.Span, DecodeOptions.Default);
        return result.Succeeded ? (new RgbImage(result.Image.Width, result.Image.Height, result.Image.Pixels), "") : (null, result.Detail);
    }
}
