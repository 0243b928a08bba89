namespace Curator.Imagery.Duplicates;

/// <summary>Disjoint sets of 0 … n − 1, by size and with path halving: nearly constant time an operation. Not thread-safe.</summary>
internal sealed class UnionFind
{
    private readonly int[] _parent;
    private readonly int[] _size;

    public UnionFind(int count)
    {
        _parent = new int[count];
        _size = new int[count];
        for (var i = 0; i < count; i++) (_parent[i], _size[i]) = (i, 1);
    }

    /// <summary>The set's representative.</summary>
    public int Find(int element)
    {
        while (_parent[element] != element) element = _parent[element] = _parent[_parent[element]];
        return element;
    }

    /// <summary>Merges two sets; false when they were one already.</summary>
    public bool Union(int left, int right)
    {
        (left, right) = (Find(left), Find(right));
        if (left == right) return false;
        if (_size[left] < _size[right]) (left, right) = (right, left);
        _parent[right] = left;
        _size[left] += _size[right];
        return true;
    }
}
