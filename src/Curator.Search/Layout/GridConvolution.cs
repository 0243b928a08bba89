using System.Buffers;
using Curator.Search.Kernels;

namespace Curator.Search.Layout;

/// <summary>
/// Convolution of a square grid with an even kernel that reaches from any node to any other, without wrapping round: O(M² log M) by Fourier transforms of M ≥ 2·nodes points, in which half of the
/// rows are known to be zero and two real columns are one complex one. Independent of the number of threads. Not thread-safe: it owns its work space, 8 M² bytes.
/// </summary>
internal sealed unsafe class GridConvolution
{
    private const int Lanes = FourierLanes.Lanes;

    private readonly FourierLanes _fourier;
    private readonly int _length;
    private readonly int _half;
    private readonly int _blocks;
    private readonly int _threads;
    private readonly float[] _influence;
    private readonly float[] _real;
    private readonly float[] _imaginary;

    /// <param name="nodes">Nodes along a side.</param>
    /// <param name="kernel">Value at a distance of (0 to nodes − 1, 0 to nodes − 1) nodes.</param>
    /// <param name="filter">Divides the kernel's transform at frequency 2πk/M of each side.</param>
    public GridConvolution(int nodes, Func<int, int, double> kernel, Func<double, double> filter, int threads, CancellationToken cancellationToken)
    {
        Nodes = nodes;
        _fourier = new FourierLanes(FourierLanes.Fit(2 * nodes));
        _length = _fourier.Length;
        _half = (_length / 2) + 1;
        _blocks = (_half + Lanes - 1) / Lanes;
        _threads = threads;
        _real = new float[(long)_length * _blocks * Lanes];
        _imaginary = new float[_real.Length];
        _influence = new float[(long)_blocks * _length * Lanes];
        var image = new float[(long)_length * _length];
        RowBlocks.Run(_length, 16, threads, (first, count) =>
        {
            for (var y = first; y < first + count; y++)
                for (var x = 0; x < _length; x++)
                    if (Math.Min(y, _length - y) is var dy && Math.Min(x, _length - x) is var dx && dx < nodes && dy < nodes)
                        image[((long)y * _length) + x] = (float)kernel(dx, dy);
        }, cancellationToken);
        Down(image, _length, cancellationToken);
        var filters = new double[_length];
        for (var k = 0; k < _length; k++) filters[k] = filter(2 * Math.PI * k / _length);
        Across(_length, (block, real, _) =>
        {
            // Row and column of the transform are each filtered on the way in and on the way out; 1 / M² makes the inverse one.
            for (var k = 0; k < _length; k++)
                for (var lane = 0; lane < Lanes; lane++)
                    _influence[((((long)block * _length) + k) * Lanes) + lane] =
                        (float)(real[(k * Lanes) + lane] / (filters[k] * filters[Math.Min((block * Lanes) + lane, _length - 1)] * _length * _length));
        }, inverse: false, cancellationToken);
    }

    public int Nodes { get; }

    /// <summary>Replaces the grid by its convolution.</summary>
    /// <param name="grid">[Nodes × Nodes], row-major.</param>
    public void Apply(float[] grid, CancellationToken cancellationToken)
    {
        Down(grid, Nodes, cancellationToken);
        Across(Nodes, (block, real, imaginary) =>
        {
            fixed (float* influence = &_influence[(long)block * _length * Lanes])
            {
                for (var i = 0; i < _length * Lanes; i++)
                {
                    real[i] *= influence[i];
                    imaginary[i] *= influence[i];
                }
            }
        }, inverse: true, cancellationToken);
        Up(grid, cancellationToken);
    }

    private delegate void UseSpectrum(int block, float* real, float* imaginary);

    /// <summary>Transforms down the columns: from [side × side] to [column][frequency 0 to M/2].</summary>
    private void Down(float[] grid, int side, CancellationToken cancellationToken)
    {
        var pairs = (side + 1) / 2;
        var stride = _blocks * Lanes;
        RowBlocks.Run(pairs, Lanes, _threads, (firstPair, count) => WithBuffers((planes, other) =>
        {
            float* r = planes.Real, i = planes.Imaginary;
            new Span<float>(r, _length * Lanes).Clear();
            new Span<float>(i, _length * Lanes).Clear();
            for (var y = 0; y < side; y++)
            {
                for (var lane = 0; lane < count; lane++)
                {
                    var x = firstPair + lane;
                    r[(y * Lanes) + lane] = grid[((long)y * side) + x];
                    if (x + pairs < side) i[(y * Lanes) + lane] = grid[((long)y * side) + x + pairs];
                }
            }

            var spectrum = _fourier.Transform(planes, other);
            r = spectrum.Real;
            i = spectrum.Imaginary;
            for (var lane = 0; lane < count; lane++)
            {
                long a = (long)(firstPair + lane) * stride, b = (long)(firstPair + lane + pairs) * stride;
                for (var k = 0; k < _half; k++)
                {
                    int at = (k * Lanes) + lane, mirrored = ((k == 0 ? 0 : _length - k) * Lanes) + lane;
                    _real[a + k] = (r[at] + r[mirrored]) / 2;
                    _imaginary[a + k] = (i[at] - i[mirrored]) / 2;
                    if (firstPair + lane + pairs >= side) continue;
                    _real[b + k] = (i[at] + i[mirrored]) / 2;
                    _imaginary[b + k] = (r[mirrored] - r[at]) / 2;
                }
            }
        }), cancellationToken);
    }

    /// <summary>Transforms along the columns of all frequencies, shows the spectrum, and with <paramref name="inverse"/> transforms back.</summary>
    private void Across(int side, UseSpectrum use, bool inverse, CancellationToken cancellationToken)
    {
        var stride = _blocks * Lanes;
        RowBlocks.Run(_blocks, 1, _threads, (block, _) => WithBuffers((planes, other) =>
        {
            float* r = planes.Real, i = planes.Imaginary;
            for (var x = 0; x < side; x++)
            {
                _real.AsSpan((x * stride) + (block * Lanes), Lanes).CopyTo(new Span<float>(r + (x * Lanes), Lanes));
                _imaginary.AsSpan((x * stride) + (block * Lanes), Lanes).CopyTo(new Span<float>(i + (x * Lanes), Lanes));
            }

            new Span<float>(r + (side * Lanes), (_length - side) * Lanes).Clear();
            new Span<float>(i + (side * Lanes), (_length - side) * Lanes).Clear();
            var spectrum = _fourier.Transform(planes, other);
            use(block, spectrum.Real, spectrum.Imaginary);
            if (!inverse) return;
            var image = _fourier.Transform(spectrum.Exchanged, (spectrum.Real == planes.Real ? other : planes).Exchanged).Exchanged;
            r = image.Real;
            i = image.Imaginary;
            for (var x = 0; x < side; x++)
            {
                new Span<float>(r + (x * Lanes), Lanes).CopyTo(_real.AsSpan((x * stride) + (block * Lanes), Lanes));
                new Span<float>(i + (x * Lanes), Lanes).CopyTo(_imaginary.AsSpan((x * stride) + (block * Lanes), Lanes));
            }
        }), cancellationToken);
    }

    /// <summary>Back up the columns.</summary>
    private void Up(float[] grid, CancellationToken cancellationToken)
    {
        var pairs = (Nodes + 1) / 2;
        var stride = _blocks * Lanes;
        RowBlocks.Run(pairs, Lanes, _threads, (firstPair, count) => WithBuffers((planes, other) =>
        {
            float* r = planes.Real, i = planes.Imaginary;
            new Span<float>(r, _length * Lanes).Clear();
            new Span<float>(i, _length * Lanes).Clear();
            for (var lane = 0; lane < count; lane++)
            {
                long a = (long)(firstPair + lane) * stride, b = (long)(firstPair + lane + pairs) * stride;
                var two = firstPair + lane + pairs < Nodes;
                for (var k = 0; k < _half; k++)
                {
                    var (ar, ai, br, bi) = (_real[a + k], _imaginary[a + k], two ? _real[b + k] : 0, two ? _imaginary[b + k] : 0);
                    int at = (k * Lanes) + lane, mirrored = ((k == 0 ? 0 : _length - k) * Lanes) + lane;
                    (r[mirrored], i[mirrored]) = (ar + bi, br - ai);
                    (r[at], i[at]) = (ar - bi, ai + br);
                }
            }

            var image = _fourier.Transform(planes.Exchanged, other.Exchanged).Exchanged;
            r = image.Real;
            i = image.Imaginary;
            for (var y = 0; y < Nodes; y++)
            {
                for (var lane = 0; lane < count; lane++)
                {
                    var x = firstPair + lane;
                    grid[((long)y * Nodes) + x] = r[(y * Lanes) + lane];
                    if (x + pairs < Nodes) grid[((long)y * Nodes) + x + pairs] = i[(y * Lanes) + lane];
                }
            }
        }), cancellationToken);
    }

    private delegate void UseBuffers(LanePlanes planes, LanePlanes other);

    private void WithBuffers(UseBuffers use)
    {
        var size = _length * Lanes;
        var buffer = ArrayPool<float>.Shared.Rent(4 * size);
        fixed (float* start = buffer) use(new LanePlanes(start, start + size), new LanePlanes(start + (2 * size), start + (3 * size)));
        ArrayPool<float>.Shared.Return(buffer);
    }
}
