using System.IO.Compression;
using System.Security.Cryptography;
using Curator.Server.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Curator.Server.Web;

/// <summary>
/// The web app, held in memory and compressed once, when first asked for, so that a restarted server answers at once: it is below a megabyte. Files under <c>/assets</c> carry their hash in the name and may be
/// kept for ever; every path that is neither a file nor of the API answers with the page, which knows its own addresses.
/// </summary>
internal sealed class WebApp
{
    private readonly Dictionary<string, WebFile> _files;

    private WebApp(Dictionary<string, WebFile> files) => _files = files;

    /// <param name="folder">What the web build left. May be absent: the API works, and the page says how to build it.</param>
    public static async Task<WebApp> LoadAsync(string folder, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, WebFile>(StringComparer.Ordinal);
        if (!Directory.Exists(folder)) return new WebApp(files);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (ContentType(Path.GetExtension(path)) is not { } type) continue;
            var address = "/" + Path.GetRelativePath(folder, path).Replace('\\', '/');
            files[address] = WebFile.Make(await File.ReadAllBytesAsync(path, cancellationToken), type);
        }
        return new WebApp(files);
    }

    public async Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        if (path.StartsWith("/api/", StringComparison.Ordinal) || path.StartsWith("/openapi/", StringComparison.Ordinal))
        {
            await Problems.WriteAsync(context, StatusCodes.Status404NotFound, "There is no such route.", "/openapi/v1.json lists the routes.");
            return;
        }
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            await Problems.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "Pages can only be read.", "Use GET.");
            return;
        }
        var isFile = _files.TryGetValue(path, out var file);
        if (!isFile && Path.HasExtension(path))
            await Problems.WriteAsync(context, StatusCodes.Status404NotFound, "There is no such file.", "Open the page at /.");
        else if (file is null && !_files.TryGetValue("/index.html", out file))
            await Problems.WriteAsync(
                context, StatusCodes.Status503ServiceUnavailable, "The web app was not built into this server.", "Run `npm ci && npm run build` in web/, then build the server again.");
        else
            await SendAsync(context, file, forever: isFile && path.StartsWith("/assets/", StringComparison.Ordinal));
    }

    private static async Task SendAsync(HttpContext context, WebFile file, bool forever)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = forever ? "public, max-age=31536000, immutable" : "no-cache";
        headers.ETag = file.Tag;
        headers.Vary = "Accept-Encoding";
        if (context.Request.Headers.IfNoneMatch.Contains(file.Tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        var (body, encoding) = file.Choose(context.Request.Headers.AcceptEncoding);
        if (encoding is not null) headers.ContentEncoding = encoding;
        headers.ContentType = file.ContentType;
        headers.ContentLength = body.Length;
        if (HttpMethods.IsGet(context.Request.Method)) await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static string? ContentType(string extension) => extension switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".webmanifest" => "application/manifest+json",
        _ => null,
    };

    private sealed record WebFile(byte[] Plain, Lazy<byte[]>? Brotli, Lazy<byte[]>? Gzip, string ContentType, string Tag)
    {
        private const int LargeFile = 128 << 10;

        public static WebFile Make(byte[] plain, string contentType)
        {
            var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(plain))[..16]}\"";
            if (contentType is "image/png") return new WebFile(plain, null, null, contentType, tag);
            return new WebFile(
                plain,
                // The smallest size of the map's module costs a second of a core, and nobody may wait for that.
                new Lazy<byte[]>(() => Compress(plain, stream => new BrotliStream(stream, plain.Length > LargeFile ? CompressionLevel.Optimal : CompressionLevel.SmallestSize))),
                new Lazy<byte[]>(() => Compress(plain, stream => new GZipStream(stream, CompressionLevel.SmallestSize))),
                contentType,
                tag);
        }

        public (byte[] Body, string? Encoding) Choose(StringValues accepted)
        {
            if (Brotli is not null && Accepts(accepted, "br")) return (Brotli.Value, "br");
            if (Gzip is not null && Accepts(accepted, "gzip")) return (Gzip.Value, "gzip");
            return (Plain, null);
        }

        private static bool Accepts(StringValues accepted, string encoding) =>
            StringWithQualityHeaderValue.TryParseList(accepted, out var values)
            && values.Any(value => value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && value.Quality is not 0);

        private static byte[] Compress(byte[] plain, Func<Stream, Stream> compressor)
        {
            using var buffer = new MemoryStream();
            using (var stream = compressor(buffer))
                stream.Write(plain);
            return buffer.ToArray();
        }
    }
}
