using System.Globalization;

namespace Curator.Core.Settings;

/// <summary>Settings as text, in the invariant culture: what a person may write, and what is recorded.</summary>
internal static class SettingText
{
    /// <summary>Turns text into a value of <paramref name="type"/>; false when it is none. <c>none</c> is null for nullable types.</summary>
    public static bool TryParse(string text, Type type, out object? value)
    {
        value = null;
        var inner = Nullable.GetUnderlyingType(type);
        if (inner is not null && text.Equals("none", StringComparison.OrdinalIgnoreCase)) return true;
        type = inner ?? type;
        var culture = CultureInfo.InvariantCulture;
        text = type == typeof(string) ? text : text.Trim();
        value = type switch
        {
            _ when type == typeof(string) => text,
            _ when type == typeof(bool) => ParseBool(text),
            _ when type == typeof(int) => int.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var number) ? number : null,
            _ when type == typeof(long) => long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var number) ? number : null,
            _ when type == typeof(double) => double.TryParse(text, NumberStyles.Float, culture, out var number) && double.IsFinite(number) ? number : null,
            _ when type == typeof(float) => float.TryParse(text, NumberStyles.Float, culture, out var number) && float.IsFinite(number) ? number : null,
            _ when type == typeof(TimeSpan) => ParseTime(text),
            _ when type == typeof(DateOnly) => DateOnly.TryParseExact(text, "yyyy-MM-dd", culture, DateTimeStyles.None, out var date) ? date : null,
            { IsEnum: true } => ParseEnum(text, type),
            _ => throw new NotSupportedException($"Settings of type {type.Name} are not known."),
        };
        return value is not null;
    }

    /// <summary>The inverse of <see cref="TryParse"/>; empty for null.</summary>
    public static string Format(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        Enum name => SettingsResolver.Kebab(name.ToString()),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>What to write for a type, for the error.</summary>
    public static string Expected(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(int) || type == typeof(long) => "a whole number",
            _ when type == typeof(double) || type == typeof(float) => "a number such as 0.05",
            _ when type == typeof(TimeSpan) => "a time such as 30m, 2h, 90s or 01:30:00",
            _ when type == typeof(DateOnly) => "a date such as 2024-06-30",
            { IsEnum: true } => "one of " + string.Join(", ", Enum.GetNames(type).Select(SettingsResolver.Kebab)),
            _ => "text",
        };
    }

    private static object? ParseBool(string text) => text.ToLowerInvariant() switch
    {
        "true" or "yes" or "on" or "1" => true,
        "false" or "no" or "off" or "0" => false,
        _ => null,
    };

    /// <summary>Names only, in kebab or any case: a number would pass values that have no name.</summary>
    private static object? ParseEnum(string text, Type type)
    {
        var name = Enum.GetNames(type).FirstOrDefault(name =>
            name.Equals(text, StringComparison.OrdinalIgnoreCase) || SettingsResolver.Kebab(name).Equals(text, StringComparison.OrdinalIgnoreCase));
        return name is null ? null : Enum.Parse(type, name);
    }

    private static object? ParseTime(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span : null;
        var digits = text.TrimEnd("dhms".ToCharArray());
        var unit = text[digits.Length..];
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 1e6) return null;
        return unit switch
        {
            "d" => TimeSpan.FromDays(number),
            "h" => TimeSpan.FromHours(number),
            "m" => TimeSpan.FromMinutes(number),
            "s" => TimeSpan.FromSeconds(number),
            "ms" => TimeSpan.FromMilliseconds(number),
            _ => null,
        };
    }
}
