namespace Curator.Core.Settings;

/// <summary>A resolved setting, for <c>--show-config</c> and for the artefacts that record it.</summary>
/// <param name="Key"><c>section.name</c> in kebab case: <c>train.batch-size</c>.</param>
/// <param name="Value">As text that reads back; empty for null.</param>
/// <param name="Source">The flag, variable or file that gave it: <c>--batch-size</c>, <c>CURATOR_TRAIN_BATCH_SIZE</c>, <c>curator.json</c>, or empty.</param>
public sealed record ResolvedSetting(string Key, string Value, SettingOrigin Origin, string Source);
