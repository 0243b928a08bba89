using System.Buffers.Binary;
using System.IO.Compression;

namespace Curator.Learning.Weights;

/// <summary>
/// Reads the tensors of a PyTorch state dict (<c>torch.save</c>), in the zip form (since 1.6) and the legacy form, without executing anything: see
/// <see cref="PickleReader"/>. Floating-point tensors come out as single precision; counters are left out. A dictionary that wraps the state dict
/// (<c>state_dict</c>, <c>model</c> …) is looked through.
/// </summary>
internal static class TorchWeights
{
    private const string MagicNumber = "1950a86a20f9469cfc6c";
    private const long ProtocolVersion = 1001;

    private static readonly string[] Wrappers = ["state_dict", "model_state_dict", "model", "net", "teacher", "student"];

    private static readonly Dictionary<string, int> FloatStorages = new(StringComparer.Ordinal)
    {
        ["FloatStorage"] = 4, ["DoubleStorage"] = 8, ["HalfStorage"] = 2, ["BFloat16Storage"] = 2,
    };

    private static readonly string[] OtherStorages = ["LongStorage", "IntStorage", "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage"];

    /// <summary>Whether the file begins as one of the two forms.</summary>
    public static bool IsTorch(ReadOnlySpan<byte> start) => start.StartsWith("PK\x03\x04"u8) || IsLegacy(start);

    /// <exception cref="InvalidDataException">Not such a file, damaged, or with Python objects that are no tensors; says which.</exception>
    public static IReadOnlyList<NamedTensor> Read(byte[] file) => IsLegacy(file) ? ReadLegacy(file) : ReadZip(file);

    // PROTO 2, LONG1 of ten bytes: the magic number.
    private static bool IsLegacy(ReadOnlySpan<byte> start) => start.StartsWith((ReadOnlySpan<byte>)[0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]);

    private static List<NamedTensor> ReadZip(byte[] file)
    {
        using var archive = new ZipArchive(new MemoryStream(file, writable: false), ZipArchiveMode.Read);
        var pickle = archive.Entries.FirstOrDefault(entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal))
            ?? throw new InvalidDataException("the zip archive holds no data.pkl; it is no state dict of PyTorch.");
        var root = pickle.FullName[..^"data.pkl".Length];
        if (archive.Entries.Any(entry => entry.FullName.StartsWith(root + "code/", StringComparison.Ordinal)))
            throw new InvalidDataException("it is a TorchScript program, not a state dict.");
        if (archive.GetEntry(root + "byteorder") is { } order && System.Text.Encoding.ASCII.GetString(Bytes(order)).Trim() != "little")
            throw new InvalidDataException("its numbers are big-endian.");
        var stored = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var value = NewReader().Read(Bytes(pickle), out _);
        return Tensors(value, storage =>
        {
            if (stored.TryGetValue(storage.Key, out var bytes)) return bytes;
            var entry = archive.GetEntry($"{root}data/{storage.Key}") ?? throw new InvalidDataException($"the data of storage '{storage.Key}' are missing.");
            return stored[storage.Key] = Bytes(entry);
        });
    }

    private static List<NamedTensor> ReadLegacy(byte[] file)
    {
        var reader = NewReader();
        var at = 0;
        object? Next()
        {
            var value = reader.Read(file.AsSpan(at), out var length);
            at += length;
            return value;
        }
        if (Next() is not MagicNumber) throw new InvalidDataException("it does not begin with PyTorch's magic number.");
        if (Next() is not ProtocolVersion) throw new InvalidDataException("it is of an unknown protocol version.");
        Next(); // Sizes of the writing machine's types: storages say theirs by name.
        var value = Next();
        var keys = Next() as List<object?> ?? throw new InvalidDataException("its list of storages is missing.");
        var sizes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var storage in Storages(value)) sizes[storage.Key] = storage.ItemBytes;
        var stored = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var key in keys.OfType<string>())
        {
            if (file.Length - at < 8) throw new InvalidDataException($"it ends before storage '{key}'.");
            var count = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));
            at += 8;
            if (!sizes.TryGetValue(key, out var itemBytes)) throw new InvalidDataException($"storage '{key}' belongs to no tensor.");
            if (count < 0 || count > (file.Length - at) / itemBytes) throw new InvalidDataException($"storage '{key}' claims {count} values; {file.Length - at} bytes are left.");
            stored[key] = file.AsSpan(at, (int)(count * itemBytes)).ToArray();
            at += (int)(count * itemBytes);
        }
        return Tensors(value, storage => stored.TryGetValue(storage.Key, out var bytes) ? bytes : throw new InvalidDataException($"the data of storage '{storage.Key}' are missing."));
    }

    private sealed record Storage(string Type, string Key, int ItemBytes, long Count);

    private sealed record TensorView(Storage Storage, long Offset, long[] Shape, long[] Strides);

    private static PickleReader NewReader() => new(IsAllowed, Call, Persistent);

    private static bool IsAllowed(PickleGlobal global) => global switch
    {
        { Module: "collections", Name: "OrderedDict" } => true,
        { Module: "torch._utils", Name: "_rebuild_tensor_v2" or "_rebuild_tensor" or "_rebuild_parameter" } => true,
        { Module: "torch", Name: "Size" } => true,
        { Module: "torch" } => FloatStorages.ContainsKey(global.Name) || OtherStorages.Contains(global.Name),
        _ => false,
    };

    private static object? Call(PickleGlobal callee, object?[] arguments) => (callee.Name, arguments) switch
    {
        ("OrderedDict", []) => new PickleDictionary(),
        ("OrderedDict", [List<object?> pairs]) => Pairs(pairs),
        ("Size", [object?[] sides]) => sides,
        ("_rebuild_tensor_v2" or "_rebuild_tensor", [Storage storage, long offset, object?[] shape, object?[] strides, ..]) => new TensorView(storage, offset, Numbers(shape), Numbers(strides)),
        ("_rebuild_parameter", [TensorView view, ..]) => view,
        _ => throw new InvalidDataException($"'{callee}' is called in a way that is not known."),
    };

    private static Storage Persistent(object? id) =>
        id is object?[] and [("storage"), PickleGlobal type, string key, _, long count, ..]
            ? new Storage(type.Name, key, FloatStorages.GetValueOrDefault(type.Name, type.Name == "LongStorage" ? 8 : type.Name == "IntStorage" ? 4 : type.Name == "ShortStorage" ? 2 : 1), count)
            : throw new InvalidDataException("a storage is described in a way that is not known.");

    private static PickleDictionary Pairs(List<object?> pairs)
    {
        var dictionary = new PickleDictionary();
        foreach (var pair in pairs)
            dictionary.Entries.Add(pair switch
            {
                object?[] and [var key, var value] => (key, value),
                List<object?> and [var key, var value] => (key, value),
                _ => throw new InvalidDataException("a dictionary is described in a way that is not known."),
            });
        return dictionary;
    }

    private static long[] Numbers(object?[] values) => [.. values.Select(value => value is long number ? number : throw new InvalidDataException("a side of a tensor is no whole number."))];

    private static IEnumerable<Storage> Storages(object? value) => value switch
    {
        TensorView view => [view.Storage],
        PickleDictionary dictionary => dictionary.Entries.SelectMany(entry => Storages(entry.Value)),
        List<object?> list => list.SelectMany(Storages),
        object?[] tuple => tuple.SelectMany(Storages),
        _ => [],
    };

    private static List<NamedTensor> Tensors(object? value, Func<Storage, byte[]> data)
    {
        if (value is not PickleDictionary root) throw new InvalidDataException("it holds no dictionary of tensors.");
        foreach (var wrapper in Wrappers)
            if (root[wrapper] is PickleDictionary inner)
                root = inner;
        var tensors = new List<NamedTensor>();
        foreach (var (key, entry) in root.Entries)
            if (key is string name && entry is TensorView view && FloatStorages.ContainsKey(view.Storage.Type))
                tensors.Add(new NamedTensor(name, view.Shape, Values(name, view, data(view.Storage))));
        return tensors.Count > 0 ? tensors : throw new InvalidDataException("it holds no floating-point tensor.");
    }

    /// <summary>The view's elements row-major; every index is checked before anything is allocated.</summary>
    private static float[] Values(string name, TensorView view, byte[] data)
    {
        var available = data.Length / view.Storage.ItemBytes;
        if (view.Shape.Length != view.Strides.Length || view.Shape.Any(side => side < 0) || view.Strides.Any(stride => stride < 0) || view.Offset < 0)
            throw new InvalidDataException($"tensor '{name}' has an impossible shape.");
        long count = 1, last = view.Offset;
        for (var i = 0; i < view.Shape.Length; i++)
        {
            if (view.Shape[i] != 0 && count > available / view.Shape[i]) throw new InvalidDataException($"tensor '{name}' [{string.Join(", ", view.Shape)}] is larger than its storage of {available} values.");
            count *= view.Shape[i];
            last = checked(last + (Math.Max(0, view.Shape[i] - 1) * view.Strides[i]));
        }
        if (count > 0 && last >= available) throw new InvalidDataException($"tensor '{name}' reaches value {last} of a storage of {available}.");
        var values = new float[count];
        var index = new long[view.Shape.Length];
        for (long i = 0; i < count; i++)
        {
            var at = view.Offset;
            for (var d = 0; d < index.Length; d++) at += index[d] * view.Strides[d];
            values[i] = Value(view.Storage, data, at);
            for (var d = index.Length - 1; d >= 0 && ++index[d] == view.Shape[d]; d--) index[d] = 0;
        }
        return values;
    }

    private static float Value(Storage storage, byte[] data, long at)
    {
        var source = data.AsSpan((int)(at * storage.ItemBytes), storage.ItemBytes);
        return storage.Type switch
        {
            "FloatStorage" => BinaryPrimitives.ReadSingleLittleEndian(source),
            "DoubleStorage" => (float)BinaryPrimitives.ReadDoubleLittleEndian(source),
            "HalfStorage" => (float)BinaryPrimitives.ReadHalfLittleEndian(source),
            _ => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(source) << 16),
        };
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        // PyTorch stores without compression; a file that unpacks to more than it says is none of its.
        if (entry.Length > entry.CompressedLength * 20 + 4096) throw new InvalidDataException($"'{entry.FullName}' is packed as PyTorch never does.");
        using var stream = entry.Open();
        var bytes = new byte[entry.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
