using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Curator.Core.Settings;

/// <summary>
/// Fills an options record (init-only properties, default beside the property, <see cref="System.ComponentModel.DataAnnotations"/> attributes for ranges,
/// <see cref="System.ComponentModel.DescriptionAttribute"/> for help) from flags, <c>CURATOR_SECTION_NAME</c>, <c>curator.json</c> and defaults.
/// Types: string, bool, int, long, double, float, enum, TimeSpan, DateOnly, and nullable ones (<c>none</c> is null).
/// </summary>
public static class SettingsResolver
{
    private const string FileName = "curator.json";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 16 };

    /// <param name="section">Lower-case name of the options: <c>train</c> for TrainOptions; a JSON object in curator.json.</param>
    /// <param name="flags">Kebab-case name → text, only those given. Names that are no property are left to the command line's own check.</param>
    /// <param name="environment">Variable → text.</param>
    /// <param name="file">Text of curator.json, or null.</param>
    /// <exception cref="WorkspaceException">Names all problems at once: unknown keys of the section, texts that do not parse, values out of range.</exception>
    public static (TOptions Options, IReadOnlyList<ResolvedSetting> Settings) Resolve<TOptions>(
        string section, IReadOnlyDictionary<string, string> flags, IReadOnlyDictionary<string, string> environment, string? file)
        where TOptions : class, new()
    {
        ArgumentException.ThrowIfNullOrEmpty(section);
        ArgumentNullException.ThrowIfNull(flags);
        ArgumentNullException.ThrowIfNull(environment);
        var properties = typeof(TOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && property.GetIndexParameters().Length == 0)
            .ToDictionary(property => Kebab(property.Name));
        var problems = new List<string>();
        var inFile = ReadSection(section, file, properties.Keys, problems);
        var options = new TOptions();
        var settings = new List<ResolvedSetting>();
        foreach (var (name, property) in properties)
        {
            var key = $"{section}.{name}";
            var variable = $"CURATOR_{section}_{name}".Replace('-', '_').ToUpperInvariant();
            var (text, origin, source) =
                flags.TryGetValue(name, out var flag) ? (flag, SettingOrigin.Flag, $"--{name}")
                : environment.TryGetValue(variable, out var variableText) ? (variableText, SettingOrigin.Environment, variable)
                : inFile.TryGetValue(name, out var fileText) ? (fileText, SettingOrigin.File, FileName)
                : (null, SettingOrigin.Default, "");
            if (origin != SettingOrigin.Default && !TryAssign(options, property, text))
                problems.Add($"{key} is '{text}' ({source}), not {SettingText.Expected(property.PropertyType)}");
            else
                CheckRange(options, property, key, source, problems);
            settings.Add(new ResolvedSetting(key, SettingText.Format(property.GetValue(options)), origin, source));
        }

        if (problems.Count == 0 && options is IValidatableObject validatable)
            problems.AddRange(validatable.Validate(new ValidationContext(options)).Select(result => $"{section}: {result.ErrorMessage?.TrimEnd('.')}"));
        if (problems.Count == 0) return (options, settings);
        throw new WorkspaceException(
            $"{(problems.Count == 1 ? "A setting is wrong" : $"{problems.Count} settings are wrong")}: {string.Join("; ", problems)}.",
            "Correct the flags, the CURATOR_* variables or curator.json; `--show-config` prints every value and where it comes from.");
    }

    /// <summary>Kebab-case name of a property: <c>BatchSize</c> → <c>batch-size</c>.</summary>
    public static string Kebab(string propertyName)
    {
        ArgumentNullException.ThrowIfNull(propertyName);
        var name = new StringBuilder(propertyName.Length + 4);
        for (var i = 0; i < propertyName.Length; i++)
        {
            var c = propertyName[i];
            // A capital begins a word unless it is inside a run of capitals: MaxDPI is max-dpi, KNNSize is knn-size.
            var begins = char.IsUpper(c) && i > 0
                && (!char.IsUpper(propertyName[i - 1]) || (i + 1 < propertyName.Length && char.IsLower(propertyName[i + 1])));
            if (begins && propertyName[i - 1] != '_') name.Append('-');
            name.Append(c == '_' ? '-' : char.ToLowerInvariant(c));
        }

        return name.ToString();
    }

    private static Dictionary<string, string?> ReadSection(string section, string? file, IReadOnlyCollection<string> names, List<string> problems)
    {
        var values = new Dictionary<string, string?>();
        if (string.IsNullOrWhiteSpace(file)) return values;
        try
        {
            using var document = JsonDocument.Parse(file, Lenient);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                problems.Add($"{FileName} holds no JSON object");
                return values;
            }

            if (!document.RootElement.TryGetProperty(section, out var element)) return values;
            if (element.ValueKind != JsonValueKind.Object)
            {
                problems.Add($"'{section}' of {FileName} is no JSON object");
                return values;
            }

            foreach (var entry in element.EnumerateObject())
            {
                if (!names.Contains(entry.Name))
                    problems.Add($"{section}.{entry.Name} ({FileName}) is unknown{(NearMiss.Find(entry.Name, names) is { } near ? $", did you mean '{near}'?" : "")}");
                else if (entry.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                    problems.Add($"{section}.{entry.Name} ({FileName}) is no single value");
                else
                    values[entry.Name] = entry.Value.ValueKind == JsonValueKind.Null ? null : entry.Value.ToString();
            }
        }
        catch (JsonException error)
        {
            problems.Add($"{FileName} is no JSON (line {error.LineNumber + 1}: {error.Message.Split('.')[0]})");
        }

        return values;
    }

    private static bool TryAssign(object options, PropertyInfo property, string? text)
    {
        if (text is null)
        {
            if (property.PropertyType.IsValueType && Nullable.GetUnderlyingType(property.PropertyType) is null) return false;
            property.SetValue(options, null);
            return true;
        }

        if (!SettingText.TryParse(text, property.PropertyType, out var value)) return false;
        property.SetValue(options, value);
        return true;
    }

    private static void CheckRange(object options, PropertyInfo property, string key, string source, List<string> problems)
    {
        var value = property.GetValue(options);
        var context = new ValidationContext(options) { MemberName = property.Name, DisplayName = key };
        foreach (var attribute in property.GetCustomAttributes<ValidationAttribute>())
            if (attribute.GetValidationResult(value, context) is { } result)
                problems.Add($"{key} is {SettingText.Format(value)}{(source.Length > 0 ? $" ({source})" : "")}: {result.ErrorMessage?.TrimEnd('.')}");
    }
}
