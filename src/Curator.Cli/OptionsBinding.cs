using System.CommandLine;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Curator.Core;
using Curator.Core.Settings;

namespace Curator.Cli;

/// <summary>
/// Turns an options record into flags: one <c>--kebab-case</c> flag for each property that has a description, with its default in the help. Parsing
/// is two steps: texts here, values and ranges in <see cref="SettingsResolver"/>, which also looks at the environment and curator.json.
/// </summary>
/// <typeparam name="TOptions">Init-only properties with defaults.</typeparam>
internal sealed class OptionsBinding<TOptions>
    where TOptions : class, new()
{
    private readonly string _section;
    private readonly List<(string Name, Option<string?> Flag, Option<bool>? Switch)> _flags = [];

    /// <param name="command">Gets the flags.</param>
    /// <param name="section">Section of curator.json and of <c>CURATOR_SECTION_NAME</c>.</param>
    /// <param name="except">Property names that are arguments of the verb and no flags.</param>
    public OptionsBinding(Command command, string section, params string[] except)
    {
        _section = section;
        var defaults = new TOptions();
        foreach (var property in typeof(TOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (!property.CanWrite || except.Contains(property.Name) || property.GetCustomAttribute<DescriptionAttribute>() is not { } about) continue;
            var name = SettingsResolver.Kebab(property.Name);
            var value = property.GetValue(defaults);
            var help = value is null or "" or false ? about.Description : $"{about.Description} [default: {Text(value)}]";
            if (property.PropertyType == typeof(bool) && value is false)
            {
                var flag = new Option<bool>("--" + name) { Description = help };
                command.Options.Add(flag);
                _flags.Add((name, null!, flag));
            }
            else
            {
                var flag = new Option<string?>("--" + name) { Description = help, HelpName = Kind(property.PropertyType) };
                command.Options.Add(flag);
                _flags.Add((name, flag, null));
            }
        }
    }

    /// <summary>Resolves flag &gt; environment &gt; curator.json &gt; default.</summary>
    /// <exception cref="WorkspaceException">Names all problems at once.</exception>
    public (TOptions Options, IReadOnlyList<ResolvedSetting> Settings) Resolve(ParseResult parsed, string? settingsFile)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, flag, @switch) in _flags)
        {
            if (@switch is not null)
            {
                if (parsed.GetResult(@switch) is { Implicit: false }) given[name] = parsed.GetValue(@switch) ? "true" : "false";
            }
            else if (parsed.GetValue(flag) is { } text)
            {
                given[name] = text;
            }
        }
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
        return SettingsResolver.Resolve<TOptions>(_section, given, environment, settingsFile);
    }

    private static string Text(object value) => value switch
    {
        Enum e => SettingsResolver.Kebab(e.ToString()),
        bool b => b ? "true" : "false",
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Kind(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum) return string.Join('|', Enum.GetNames(type).Select(SettingsResolver.Kebab));
        if (type == typeof(string)) return "text";
        if (type == typeof(bool)) return "true|false";
        if (type == typeof(TimeSpan)) return "d.hh:mm:ss";
        if (type == typeof(DateOnly)) return "yyyy-mm-dd";
        return "number";
    }
}
