namespace Curator.Core.Settings;

/// <summary>Where a setting's value came from, highest first.</summary>
public enum SettingOrigin
{
    Flag,
    Environment,
    File,
    Default,
}
