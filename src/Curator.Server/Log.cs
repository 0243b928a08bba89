using Microsoft.Extensions.Logging;

namespace Curator.Server;

/// <summary>The room's log messages: events 6000 to 6999. Never a token, never a cookie.</summary>
internal static partial class Log
{
    [LoggerMessage(6000, LogLevel.Information, "Serving {Workspace} at {Address}")]
    public static partial void Serving(this ILogger logger, string workspace, Uri address);

    [LoggerMessage(6001, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger logger, Exception error, string method, string path);

    [LoggerMessage(6002, LogLevel.Warning, "Progress could not be read; trying again")]
    public static partial void ProgressFailed(this ILogger logger, Exception error);

    [LoggerMessage(6003, LogLevel.Warning, "Picture of {Image} cannot be shown: {Reason}")]
    public static partial void PictureFailed(this ILogger logger, string image, string reason);

    [LoggerMessage(6004, LogLevel.Warning, "What pages asked for could not be looked at; trying again")]
    public static partial void LearningNotLookedAt(this ILogger logger, Exception error);

    [LoggerMessage(6005, LogLevel.Error, "Rounds or sweep of {Task} failed")]
    public static partial void LearningFailed(this ILogger logger, Exception error, string task);
}
