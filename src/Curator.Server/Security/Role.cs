namespace Curator.Server.Security;

/// <summary>What the holder of a link may do; each role may do all that those before it may.</summary>
public enum Role
{
    /// <summary>Look at tasks, pictures, rounds and progress.</summary>
    Viewer,

    /// <summary>Answer, take back one's own answers, search.</summary>
    Labeler,

    /// <summary>See who answers what, and decide where people disagree.</summary>
    Reviewer,

    /// <summary>Begin, change, pause and stop tasks; queue pictures; make and revoke links.</summary>
    Owner,
}
