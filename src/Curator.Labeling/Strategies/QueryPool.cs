namespace Curator.Labeling.Strategies;

/// <summary>Probabilities of scaled rows: [m, d] → [m, classes].</summary>
public delegate void RowScorer(ReadOnlySpan<float> rows, Span<float> probabilities);

/// <summary>What strategies choose from: embeddings, what the head thinks of them, and what people have said. Immutable.</summary>
public sealed class QueryPool
{
    /// <summary>In <see cref="Answers"/>: nobody has answered, the row may be chosen.</summary>
    public const int Open = -1;

    /// <summary>In <see cref="Answers"/>: may not be chosen and teaches nothing (unsure, or chosen already in this round).</summary>
    public const int Closed = -2;

    /// <param name="rows">[n, d], row-major, scaled (<see cref="Heads.RowScaler"/>), so that Euclidean distances mean something.</param>
    /// <param name="probabilities">[n, classes]; empty while there is no head.</param>
    /// <param name="answers">[n]: class from 0, <see cref="Open"/> or <see cref="Closed"/>.</param>
    public QueryPool(ReadOnlyMemory<float> rows, int dimension, int classes, ReadOnlyMemory<float> probabilities, ReadOnlyMemory<int> answers, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, answers.Length * dimension);
        if (!probabilities.IsEmpty) ArgumentOutOfRangeException.ThrowIfNotEqual(probabilities.Length, answers.Length * classes);
        (Rows, Dimension, Classes, Probabilities, Answers, Seed) = (rows, dimension, classes, probabilities, answers, seed);
    }

    public ReadOnlyMemory<float> Rows { get; }

    public int Dimension { get; }

    public int Classes { get; }

    public ReadOnlyMemory<float> Probabilities { get; }

    public ReadOnlyMemory<int> Answers { get; }

    public int Seed { get; }

    /// <summary>How much an answer on each row would teach, by an outside model (<see cref="Predictions.OutsideScores"/>): [n], 0 or more, greater is more; empty where there is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to another length than the pool's.</exception>
    public ReadOnlyMemory<float> Scores
    {
        get;
        init
        {
            if (!value.IsEmpty) ArgumentOutOfRangeException.ThrowIfNotEqual(value.Length, Answers.Length);
            field = value;
        }
    }

    /// <summary>The head itself, for strategies that ask it about changed rows; null where there is none at hand.</summary>
    public RowScorer? Scorer { get; init; }

    public int Count => Answers.Length;

    public bool HasHead => !Probabilities.IsEmpty;

    public bool HasScores => !Scores.IsEmpty;

    public ReadOnlySpan<float> Row(int index) => Rows.Span.Slice(index * Dimension, Dimension);

    /// <summary>Probabilities of one row: [classes].</summary>
    public ReadOnlySpan<float> ProbabilitiesOf(int index)
    {
        if (!HasHead) throw new InvalidOperationException("This strategy needs a head, and none is trained yet: label at least one image of each class.");
        return Probabilities.Span.Slice(index * Classes, Classes);
    }

    /// <summary>Probability of class 0, the positive one.</summary>
    public float Positive(int index) => ProbabilitiesOf(index)[0];

    /// <summary>Rows that may be chosen, ascending.</summary>
    public List<int> OpenRows() => RowsWhere(a => a == Open);

    /// <summary>Rows with an answer, ascending.</summary>
    public List<int> AnsweredRows() => RowsWhere(a => a >= 0);

    /// <summary>The same pool with some rows closed: what a strategy sees after others have chosen.</summary>
    public QueryPool Without(IEnumerable<int> chosen)
    {
        var answers = Answers.ToArray();
        foreach (var row in chosen) answers[row] = Closed;
        return new QueryPool(Rows, Dimension, Classes, Probabilities, answers, Seed) { Scores = Scores, Scorer = Scorer };
    }

    /// <summary>Embeddings of some rows, gathered: [rows, d].</summary>
    internal float[] Gather(IReadOnlyList<int> rows)
    {
        var gathered = new float[rows.Count * Dimension];
        for (var i = 0; i < rows.Count; i++) Row(rows[i]).CopyTo(gathered.AsSpan(i * Dimension));
        return gathered;
    }

    /// <summary>Open rows with the smallest keys, ascending; ties go to the smaller row.</summary>
    internal List<int> Smallest(int count, Func<int, double> key)
    {
        var open = OpenRows();
        var keys = open.Select(key).ToArray();
        var rows = open.ToArray();
        Array.Sort(keys, rows, Comparer<double>.Default);
        StableTies(keys, rows);
        return [.. rows.Take(count)];
    }

    private List<int> RowsWhere(Func<int, bool> condition)
    {
        var rows = new List<int>();
        var answers = Answers.Span;
        for (var i = 0; i < answers.Length; i++)
            if (condition(answers[i]))
                rows.Add(i);
        return rows;
    }

    /// <summary>Array.Sort is not stable; rows of equal key are put in order.</summary>
    private static void StableTies(double[] keys, int[] rows)
    {
        for (var start = 0; start < keys.Length;)
        {
            var end = start + 1;
            while (end < keys.Length && keys[end].Equals(keys[start])) end++;
            if (end - start > 1) Array.Sort(rows, start, end - start);
            start = end;
        }
    }
}
