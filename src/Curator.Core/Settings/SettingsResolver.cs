namespace Curator.Core.Settings;

/// <summary>Where a setting's value came from, highest first.</summary>
public enum SettingOrigin
{
    Flag,
    Environment,
    File,
    Default,
}

/// <summary>A resolved setting, for <c>--show-config</c> and for the artefacts that record it.</summary>
/// <param name="Key"><c>section.name</c> in kebab case: <c>train.batch-size</c>.</param>
/// <param name="Source">The flag, variable or file that gave it: <c>--batch-size</c>, <c>CURATOR_TRAIN_BATCH_SIZE</c>, <c>curator.json</c>, or empty.</param>
public sealed record ResolvedSetting(string Key, string Value, SettingOrigin Origin, string Source);

/// <summary>
/// Fills an options record (init-only properties, default beside the property, <see cref="System.ComponentModel.DataAnnotations"/> attributes for ranges,
/// <see cref="System.ComponentModel.DescriptionAttribute"/> for help) from flags, <c>CURATOR_SECTION_NAME</c>, <c>curator.json</c> and defaults.
/// Types: string, bool, int, long, double, float, enum, TimeSpan, DateOnly, and nullable ones.
/// </summary>
public static class SettingsResolver
{
    /// <param name="section">Lower-case name of the options: <c>train</c> for TrainOptions; a JSON object in curator.json.</param>
    /// <param name="flags">Kebab-case name → text, only those given.</param>
    /// <param name="environment">Variable → text.</param>
    /// <param name="file">Text of curator.json, or null.</param>
    /// <exception cref="WorkspaceException">Names all problems at once: unknown keys of the section, texts that do not parse, values out of range.</exception>
    public static (TOptions Options, IReadOnlyList<ResolvedSetting> Settings) Resolve<TOptions>(
        string section, IReadOnlyDictionary<string, string> flags, IReadOnlyDictionary<string, string> environment, string? file)
        where TOptions : class, new() => throw new NotImplementedException();

    /// <summary>Kebab-case name of a property: <c>BatchSize</c> → <c>batch-size</c>.</summary>
    public static string Kebab(string propertyName) => throw new NotImplementedException();
}
