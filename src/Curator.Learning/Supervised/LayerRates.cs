namespace Curator.Learning.Supervised;

/// <summary>
/// Learning rates that fall towards the input: what the first layers see (edges, colours) serves every task. Howard and Ruder 2018, "Universal
/// Language Model Fine-tuning", section 3.2, by stage instead of by layer.
/// </summary>
internal static class LayerRates
{
    /// <summary>Share of the head's rate for a parameter of the backbone.</summary>
    /// <param name="parameter">Its name in the module, such as <c>layer2_0_conv1_conv.weight</c>.</param>
    /// <param name="decay">From one stage to the one before, 0 to 1.</param>
    /// <param name="stages">Stages of the network, the stem not counted.</param>
    public static double Of(string parameter, double decay, int stages) => Math.Pow(decay, stages + 1 - Stage(parameter));

    /// <summary>The highest stage number among the parameters' names.</summary>
    public static int Stages(IEnumerable<string> parameters) => parameters.Select(Stage).DefaultIfEmpty(0).Max();

    /// <summary>0 for the stem.</summary>
    private static int Stage(string parameter)
    {
        foreach (var prefix in (string[])["layer", "stage"])
            if (parameter.StartsWith(prefix, StringComparison.Ordinal) && parameter.Length > prefix.Length && char.IsAsciiDigit(parameter[prefix.Length]))
                return parameter[prefix.Length] - '0';
        return 0;
    }
}
