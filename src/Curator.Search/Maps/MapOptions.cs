using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Curator.Search.Maps;

/// <summary>How embeddings become positions in a plane.</summary>
public enum MapMethod
{
    /// <summary>Neighbourhoods as faithful as can be; van der Maaten and Hinton 2008.</summary>
    Tsne,

    /// <summary>Compact groups, several times faster; McInnes et al. 2018.</summary>
    Umap,

    /// <summary>The two directions of greatest variance: instant, and only a rough view.</summary>
    Pca,
}

/// <summary>What a map is made with.</summary>
public sealed record MapOptions
{
    [Description("How embeddings become positions.")]
    public MapMethod Method { get; init; } = MapMethod.Tsne;

    /// <summary>t-SNE: about how many neighbours a point attends to.</summary>
    [Description("t-SNE: about how many neighbours a picture attends to.")]
    [Range(2.0, 500.0)]
    public double Perplexity { get; init; } = 30;

    /// <summary>Edges a point of the k-NN graph; 0 for three times the perplexity, or 15 with UMAP.</summary>
    [Description("Neighbours looked up for each picture; 0 for three times the perplexity, 15 with umap.")]
    [Range(0, 1500)]
    public int Neighbours { get; init; }

    [Description("UMAP: how near pictures may come to each other.")]
    [Range(0.0, 0.99)]
    public double MinDistance { get; init; } = 0.1;

    /// <summary>0 for 750 with t-SNE; with UMAP 500, or 200 above 10,000 points.</summary>
    [Description("Steps of the layout; 0 chooses by method and size.")]
    [Range(0, 100_000)]
    public int Steps { get; init; }

    [Description("Clusters by k-means.")]
    [Range(1, 10_000)]
    public int Clusters { get; init; } = 20;

    /// <summary>0 for one in 500 of the points, at least 10 and at most 1,000.</summary>
    [Description("Pictures that make a group by density; 0 chooses by the number of pictures.")]
    [Range(0, 1_000_000)]
    public int MinClusterSize { get; init; }

    /// <summary>Points laid out together; of more, so many drawn evenly, and the others are placed among them.</summary>
    [Description("Pictures laid out together; the others are placed among them.")]
    [Range(100, 20_000_000)]
    public int Sample { get; init; } = 1_000_000;

    [Description("Seed of everything that is drawn.")]
    public int Seed { get; init; } = 1;

    internal int NeighboursFor(int points) => Math.Min(points - 1, Neighbours > 0 ? Neighbours : Method == MapMethod.Tsne ? (int)Math.Ceiling(3 * Perplexity) : 15);

    internal int StepsFor(int points) => Steps > 0 ? Steps : Method == MapMethod.Tsne ? 750 : points > 10_000 ? 200 : 500;

    internal int MinClusterSizeFor(int points) => MinClusterSize > 0 ? Math.Max(2, MinClusterSize) : Math.Clamp(points / 500, 10, 1000);
}
