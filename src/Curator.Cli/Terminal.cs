using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Curator.Cli;

/// <summary>
/// The one place that writes: results to standard output, progress and diagnostics to standard error. Colour and the live progress line only
/// on a real terminal. Thread-safe.
/// </summary>
internal sealed class Terminal
{
    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Lock _gate = new();
    private readonly TextWriter _out;
    private readonly TextWriter _error;
    private readonly bool _errorIsTerminal;
    private readonly bool _outIsTerminal;
    private bool _lineOpen;

    public Terminal(TextWriter output, TextWriter error, bool outputIsTerminal, bool errorIsTerminal)
    {
        _out = output;
        _error = error;
        _outIsTerminal = outputIsTerminal;
        _errorIsTerminal = errorIsTerminal;
    }

    public static Terminal ForProcess() => new(Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected);

    /// <summary>One JSON value on standard output instead of text.</summary>
    public bool Json { get; set; }

    /// <summary>No progress and no remarks on standard error; errors still.</summary>
    public bool Quiet { get; set; }

    public bool NoColor { get; set; }

    /// <summary>Whether the progress line can be rewritten in place.</summary>
    public bool Live => _errorIsTerminal && !Quiet;

    /// <summary>Columns that help is broken at: the window's, or 100 where there is none, so that files and pipes always get the same text.</summary>
    public int HelpWidth => _outIsTerminal ? Math.Max(60, SafeWidth()) : 100;

    /// <summary>A line of the result, unless the result is JSON.</summary>
    public void Line(string text = "")
    {
        if (Json) return;
        lock (_gate)
        {
            CloseLine();
            _out.WriteLine(text);
        }
    }

    /// <summary>A drawing of the result, unless the result is JSON.</summary>
    /// <param name="draw">Gets whether colours may be used.</param>
    public void Drawing(Func<bool, string> draw) => Line(draw(_outIsTerminal && !NoColor));

    /// <summary>A table of the result, unless the result is JSON.</summary>
    public void Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        if (Json) return;
        var table = new Table { Border = _outIsTerminal ? TableBorder.Rounded : TableBorder.None, ShowHeaders = true };
        foreach (var title in header) table.AddColumn(new TableColumn(Markup.Escape(title)) { NoWrap = true });
        foreach (var row in rows) table.AddRow(row.Select(Markup.Escape).ToArray());
        lock (_gate)
        {
            CloseLine();
            AnsiConsole.Create(new AnsiConsoleSettings
            {
                Out = new WideOutput(_out, _outIsTerminal),
                Ansi = _outIsTerminal && !NoColor ? AnsiSupport.Detect : AnsiSupport.No,
                ColorSystem = _outIsTerminal && !NoColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            }).Write(table);
        }
    }

    /// <summary>The machine-readable result: one line of JSON, only with <c>--json</c>.</summary>
    public void Result<T>(T value)
    {
        if (!Json) return;
        lock (_gate)
        {
            CloseLine();
            _out.WriteLine(JsonSerializer.Serialize(value, JsonOptions));
        }
    }

    /// <summary>A remark for the person who watches, on standard error.</summary>
    public void Note(string text)
    {
        if (Quiet) return;
        lock (_gate)
        {
            CloseLine();
            _error.WriteLine(text);
        }
    }

    /// <summary>An error and what to do about it, on standard error; one JSON object with <c>--json</c>.</summary>
    public void Error(string whatHappened, string nextStep)
    {
        lock (_gate)
        {
            CloseLine();
            if (Json)
            {
                _error.WriteLine(JsonSerializer.Serialize(new { error = whatHappened, nextStep }, JsonOptions));
                return;
            }
            var colour = _errorIsTerminal && !NoColor;
            _error.WriteLine($"{(colour ? "\e[31merror:\e[0m" : "error:")} {whatHappened}");
            _error.WriteLine($"{(colour ? "\e[36mnext:\e[0m" : "next:")}  {nextStep}");
        }
    }

    /// <summary>Replaces the live line at the bottom; elsewhere than on a terminal, writes a line.</summary>
    public void Status(string text)
    {
        if (Quiet) return;
        lock (_gate)
        {
            if (!_errorIsTerminal)
            {
                _error.WriteLine(text);
                return;
            }
            var width = Math.Max(20, SafeWidth() - 1);
            _error.Write($"\r{(text.Length > width ? text[..width] : text)}\e[K");
            _lineOpen = true;
        }
    }

    /// <summary>Ends the live line so that it stays on the screen.</summary>
    public void EndStatus()
    {
        lock (_gate) CloseLine();
    }

    private void CloseLine()
    {
        if (!_lineOpen) return;
        _error.WriteLine();
        _lineOpen = false;
    }

    private static int SafeWidth()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return 80;
        }
    }

    /// <summary>Keeps tables from being wrapped at 80 columns when they go to a file or a pipe.</summary>
    private sealed class WideOutput(TextWriter writer, bool terminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => terminal;

        public int Width => terminal ? SafeWidth() : 1_000;

        public int Height => 80;

        public void SetEncoding(System.Text.Encoding encoding)
        {
            // The process's standard output keeps the encoding it was started with.
        }
    }
}
