namespace Curator.Benchmarks.Page;

/// <summary>How an answer is given.</summary>
internal enum Way
{
    /// <summary>A finger drags the card to the right; timed from its lifting.</summary>
    Touch,

    /// <summary>The right arrow; timed from its pressing.</summary>
    Key,

    /// <summary>One button answers a page of thumbnails; timed from the button until all thumbnails of the next page are drawn.</summary>
    Grid,
}
