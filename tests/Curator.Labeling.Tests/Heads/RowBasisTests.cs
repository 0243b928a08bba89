using Curator.Labeling.Heads;

namespace Curator.Labeling.Tests.Heads;

public sealed class RowBasisTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_head_fitted_on_turned_rows_scores_as_one_fitted_on_the_rows_themselves(int classes)
    {
        var data = Mixture.Draw(40, 90, 6, 3, 0.4, 0.6, 3);
        // Rows that occur twice must not break the factor.
        data.Row(3).CopyTo(data.Rows.AsSpan(7 * 90, 90));
        var labels = data.Labels.Select((l, i) => classes == 3 && i % 4 == 0 ? 2 : l).ToArray();
        labels[7] = labels[3];
        var options = new LogisticOptions { Regularisation = 1e-2, Tolerance = 1e-8, MaximumSteps = 1000 };
        var direct = LogisticHead.Fit(data.Rows, 90, labels, classes, options, null, default);
        var basis = RowBasis.Of(data.Rows, 90);
        var turned = LogisticHead.Fit(basis.Turned(), basis.Count, labels, classes, options, null, default);
        var restored = basis.Restore(turned);
        var fresh = Mixture.Draw(30, 90, 6, 3, 0.4, 0.6, 4);
        float[] one = new float[30 * direct.Outputs], two = new float[30 * direct.Outputs];
        direct.Logits(fresh.Rows, one);
        restored.Logits(fresh.Rows, two);
        for (var i = 0; i < one.Length; i++) Assert.Equal(one[i], two[i], 0.02);
    }

    [Fact]
    public void Turned_rows_have_the_dot_products_of_the_rows()
    {
        var data = Mixture.Draw(12, 30, 4, 2, 0.4, 0.6, 3);
        var basis = RowBasis.Of(data.Rows, 30);
        var turned = basis.Turned();
        for (var i = 0; i < 12; i++)
            for (var j = 0; j < 12; j++)
                Assert.Equal(
                    System.Numerics.Tensors.TensorPrimitives.Dot(data.Row(i), data.Row(j)),
                    System.Numerics.Tensors.TensorPrimitives.Dot<float>(turned.AsSpan(i * 12, 12), turned.AsSpan(j * 12, 12)), 1e-3);
    }
}
