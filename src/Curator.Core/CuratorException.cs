namespace Curator.Core;

/// <summary>
/// An error that a person can act on. Every one says what happened, with the actual and the expected values, and names the
/// next step: a command or a setting to try. Bugs of our own are not this: they are <see cref="System.Diagnostics.UnreachableException"/>.
/// </summary>
public abstract class CuratorException : Exception
{
    /// <param name="whatHappened">One sentence, with actual and expected values, ending in a full stop.</param>
    /// <param name="nextStep">One sentence that names a command, a flag or a setting.</param>
    /// <param name="cause">What the operating system or a library reported, if anything.</param>
    protected CuratorException(string whatHappened, string nextStep, Exception? cause = null)
        : base($"{whatHappened} {nextStep}", cause)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(whatHappened);
        ArgumentException.ThrowIfNullOrWhiteSpace(nextStep);
        WhatHappened = whatHappened;
        NextStep = nextStep;
    }

    public string WhatHappened { get; }

    /// <summary>The command or setting to try next; shown on a line of its own, and sent as <c>nextStep</c> in problem details.</summary>
    public string NextStep { get; }
}

/// <summary>The workspace, its settings or its database cannot be used as asked.</summary>
public sealed class WorkspaceException(string whatHappened, string nextStep, Exception? cause = null)
    : CuratorException(whatHappened, nextStep, cause);

/// <summary>The database cannot be read or written just now: the disk is full, somebody else holds it, the server is away. Nothing of the call was stored; the same call may work later.</summary>
public sealed class StorageException(string whatHappened, string nextStep, Exception? cause = null)
    : CuratorException(whatHappened, nextStep, cause);

/// <summary>An artefact file is damaged, of another version, or made from other inputs than the caller holds.</summary>
public sealed class ArtefactException(string whatHappened, string nextStep, Exception? cause = null)
    : CuratorException(whatHappened, nextStep, cause);

/// <summary>An embedding file does not fit its manifest or its encoder, or a block of it is damaged.</summary>
public sealed class EmbeddingStoreException(string whatHappened, string nextStep, Exception? cause = null)
    : CuratorException(whatHappened, nextStep, cause);

/// <summary>Encoder weights or a training checkpoint cannot be used.</summary>
public sealed class CheckpointException(string whatHappened, string nextStep, Exception? cause = null)
    : CuratorException(whatHappened, nextStep, cause);

/// <summary>An index file is damaged, of another version, or built from other embeddings.</summary>
public sealed class IndexFormatException(string whatHappened, string nextStep, Exception? cause = null)
    : CuratorException(whatHappened, nextStep, cause);

/// <summary>A label was given against a state that has changed since.</summary>
public sealed class LabelConflictException(string whatHappened, string nextStep, Exception? cause = null)
    : CuratorException(whatHappened, nextStep, cause);
