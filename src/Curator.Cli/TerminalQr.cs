using System.Text;
using QRCoder;

namespace Curator.Cli;

/// <summary>A link as a QR code of half blocks, two rows a line, with the quiet zone that cameras need.</summary>
internal static class TerminalQr
{
    /// <param name="colour">Black on white whatever the terminal's colours are; without, light parts are drawn, as terminals mostly are dark.</param>
    public static string Draw(string text, bool colour)
    {
        using var generator = new QRCodeGenerator();
        using var code = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.L);
        var rows = code.ModuleMatrix;
        var drawing = new StringBuilder();
        for (var y = 0; y < rows.Count; y += 2)
        {
            if (colour) drawing.Append("\e[38;5;232m\e[48;5;231m");
            for (var x = 0; x < rows.Count; x++)
            {
                var upper = rows[y][x] == colour;
                var lower = (y + 1 < rows.Count && rows[y + 1][x]) == colour;
                drawing.Append((upper, lower) switch
                {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    _ => ' ',
                });
            }
            if (colour) drawing.Append("\e[0m");
            drawing.Append('\n');
        }
        return drawing.ToString().TrimEnd('\n');
    }
}
