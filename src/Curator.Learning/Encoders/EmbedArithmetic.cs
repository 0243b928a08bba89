namespace Curator.Learning.Encoders;

/// <summary>Numbers that networks compute in when they embed.</summary>
public enum EmbedArithmetic
{
    /// <summary>Single precision on the processor, bfloat16 on a GPU.</summary>
    Auto,

    /// <summary>32 bit.</summary>
    Fp32,

    /// <summary>16 bit with single's range; whitening and length stay single.</summary>
    Bf16,
}
