using System.ComponentModel;
using System.Diagnostics;

namespace Curator.Tests.Support;

/// <summary>Programs that are not ours, to read back what we write. A test is skipped, with the reason, where one is absent.</summary>
internal static class OtherProgram
{
    /// <summary>The system's Python, which has its PIL and numpy; scripts/setup.sh installs them.</summary>
    private static readonly string s_python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    /// <returns>Standard output.</returns>
    /// <param name="arguments"><c>sys.argv[1:]</c>.</param>
    public static Task<string> PythonAsync(string script, params IEnumerable<string> arguments) => RunAsync(s_python, ["-c", script, .. arguments]);

    /// <returns>Standard output.</returns>
    public static async Task<string> RunAsync(string program, params IEnumerable<string> arguments)
    {
        var token = TestContext.Current.CancellationToken;
        Process? process = null;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{program} is absent");
        }
        using (process)
        {
            var errors = process!.StandardError.ReadToEndAsync(token);
            var output = await process.StandardOutput.ReadToEndAsync(token);
            await process.WaitForExitAsync(token);
            if ((await errors).Contains("ModuleNotFoundError", StringComparison.Ordinal)) Assert.Skip((await errors).TrimEnd().Split('\n')[^1]);
            Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await errors}");
            return output;
        }
    }
}
