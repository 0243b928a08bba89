namespace Curator.Search;

/// <summary>How far apart two embeddings are.</summary>
public enum VectorMetric
{
    /// <summary>1 − cos(a, b), 0 to 2; lengths do not matter. A vector of zeros is at distance 1 from everything.</summary>
    Cosine,

    /// <summary>√Σ(aᵢ − bᵢ)², from 0.</summary>
    Euclidean,
}
