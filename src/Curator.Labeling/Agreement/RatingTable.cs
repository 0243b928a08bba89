using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Labeling.Agreement;

/// <summary>Who said what: for each image the classes that its raters gave. Unsure is a missing rating, as it names no class. Immutable.</summary>
public sealed class RatingTable
{
    private RatingTable(IReadOnlyList<string> classes, IReadOnlyList<string> raters, IReadOnlyList<ImageId> images, IReadOnlyList<IReadOnlyList<Rating>> ratings)
    {
        Classes = classes;
        Raters = raters;
        Images = images;
        Ratings = ratings;
    }

    public IReadOnlyList<string> Classes { get; }

    /// <summary>Names by number.</summary>
    public IReadOnlyList<string> Raters { get; }

    /// <summary>Images with at least one rating, ascending.</summary>
    public IReadOnlyList<ImageId> Images { get; }

    /// <summary>By image, as <see cref="Images"/>; a rater rates an image at most once.</summary>
    public IReadOnlyList<IReadOnlyList<Rating>> Ratings { get; }

    /// <param name="classes">Of the task; opinions of other classes are an error.</param>
    public static RatingTable Of(IReadOnlyList<string> classes, IEnumerable<Opinion> opinions)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(opinions);
        var classNumbers = classes.Select((name, number) => (name, number)).ToDictionary(pair => pair.name, pair => pair.number, StringComparer.Ordinal);
        var given = opinions.Where(opinion => opinion.Value is not null).ToList();
        var raters = given.Select(opinion => opinion.Person).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var raterNumbers = raters.Select((name, number) => (name, number)).ToDictionary(pair => pair.name, pair => pair.number, StringComparer.Ordinal);
        var images = new SortedDictionary<ImageId, List<Rating>>();
        foreach (var opinion in given)
        {
            if (!images.TryGetValue(opinion.Image, out var ratings)) images[opinion.Image] = ratings = [];
            ratings.Add(new Rating(raterNumbers[opinion.Person], classNumbers[opinion.Value!]));
        }
        return new RatingTable([.. classes], raters, [.. images.Keys], [.. images.Values]);
    }
}

/// <param name="Rater">Number in <see cref="RatingTable.Raters"/>.</param>
/// <param name="Class">Number in <see cref="RatingTable.Classes"/>.</param>
public readonly record struct Rating(int Rater, int Class);
