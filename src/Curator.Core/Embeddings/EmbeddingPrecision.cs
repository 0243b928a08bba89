namespace Curator.Core.Embeddings;

/// <summary>How a number of an embedding is stored.</summary>
public enum EmbeddingPrecision
{
    /// <summary>IEEE 754 half precision: 2 bytes, the default.</summary>
    Half,

    /// <summary>IEEE 754 single precision: 4 bytes.</summary>
    Single,
}
