using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Curator.Learning.Weights;

/// <summary>A class or function that a pickle names.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>A dictionary of a pickle, in its order.</summary>
internal sealed class PickleDictionary
{
    public List<(object? Key, object? Value)> Entries { get; } = [];

    public object? this[string name] => Entries.LastOrDefault(entry => entry.Key is string key && key == name).Value;
}

/// <summary>
/// Reads Python's pickle format without running anything: a stack machine whose only callables are those that <c>call</c> knows. What a pickle may ask for is
/// decided by a white list; every other name is refused by name. Only the opcodes that PyTorch's writers use. Format: PEP 307, PEP 3154 and CPython's
/// pickletools.py. Memory is bounded by the length of the input. Not thread-safe.
/// </summary>
/// <param name="allowed">Names that may occur.</param>
/// <param name="call">What calling a name with arguments gives.</param>
/// <param name="persistent">What a persistent id stands for.</param>
internal sealed class PickleReader(Func<PickleGlobal, bool> allowed, Func<PickleGlobal, object?[], object?> call, Func<object?, object?> persistent)
{
    private static readonly object Mark = new();

    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];

    /// <summary>Reads one pickle.</summary>
    /// <param name="data">Begins with the pickle; more may follow.</param>
    /// <param name="length">Bytes that the pickle took.</param>
    /// <exception cref="InvalidDataException">Damaged, with an opcode or a name that weights do not need.</exception>
    public object? Read(ReadOnlySpan<byte> data, out int length)
    {
        _stack.Clear();
        _memo.Clear();
        var at = 0;
        while (true)
        {
            var opcode = Take(data, ref at, 1)[0];
            switch (opcode)
            {
                case 0x80: // PROTO
                    if (Take(data, ref at, 1)[0] is var protocol && protocol > 5) throw new InvalidDataException($"pickle protocol {protocol} is not known.");
                    break;
                case 0x95: // FRAME
                    Take(data, ref at, 8);
                    break;
                case (byte)'.': // STOP
                    length = at;
                    return Pop();
                case (byte)'(':
                    _stack.Add(Mark);
                    break;
                case (byte)'0': // POP
                    Pop();
                    break;
                case (byte)'}':
                    _stack.Add(new PickleDictionary());
                    break;
                case (byte)']':
                    _stack.Add(new List<object?>());
                    break;
                case (byte)')':
                    _stack.Add(Array.Empty<object?>());
                    break;
                case (byte)'t': // TUPLE
                    _stack.Add(PopToMark());
                    break;
                case 0x85 or 0x86 or 0x87: // TUPLE1, TUPLE2, TUPLE3
                    _stack.Add(PopMany(opcode - 0x84));
                    break;
                case (byte)'N':
                    _stack.Add(null);
                    break;
                case 0x88: // NEWTRUE
                    _stack.Add(true);
                    break;
                case 0x89: // NEWFALSE
                    _stack.Add(false);
                    break;
                case (byte)'J': // BININT
                    _stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(data, ref at, 4)));
                    break;
                case (byte)'K': // BININT1
                    _stack.Add((long)Take(data, ref at, 1)[0]);
                    break;
                case (byte)'M': // BININT2
                    _stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(data, ref at, 2)));
                    break;
                case 0x8a: // LONG1
                    _stack.Add(Long(Take(data, ref at, Take(data, ref at, 1)[0])));
                    break;
                case (byte)'G': // BINFLOAT
                    _stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(data, ref at, 8)));
                    break;
                case (byte)'X': // BINUNICODE
                    _stack.Add(Encoding.UTF8.GetString(Take(data, ref at, BinaryPrimitives.ReadUInt32LittleEndian(Take(data, ref at, 4)))));
                    break;
                case 0x8c: // SHORT_BINUNICODE
                    _stack.Add(Encoding.UTF8.GetString(Take(data, ref at, Take(data, ref at, 1)[0])));
                    break;
                case (byte)'U': // SHORT_BINSTRING, of Python 2
                    _stack.Add(Encoding.Latin1.GetString(Take(data, ref at, Take(data, ref at, 1)[0])));
                    break;
                case (byte)'T': // BINSTRING, of Python 2
                    _stack.Add(Encoding.Latin1.GetString(Take(data, ref at, BinaryPrimitives.ReadUInt32LittleEndian(Take(data, ref at, 4)))));
                    break;
                case (byte)'q': // BINPUT
                    _memo[Take(data, ref at, 1)[0]] = Peek();
                    break;
                case (byte)'r': // LONG_BINPUT
                    _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(data, ref at, 4))] = Peek();
                    break;
                case 0x94: // MEMOIZE
                    _memo[_memo.Count] = Peek();
                    break;
                case (byte)'h': // BINGET
                    _stack.Add(Remembered(Take(data, ref at, 1)[0]));
                    break;
                case (byte)'j': // LONG_BINGET
                    _stack.Add(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(Take(data, ref at, 4))));
                    break;
                case (byte)'c': // GLOBAL
                    var module = Line(data, ref at);
                    _stack.Add(Global(module, Line(data, ref at)));
                    break;
                case 0x93: // STACK_GLOBAL
                    var pair = PopMany(2);
                    _stack.Add(Global(pair[0] as string ?? "?", pair[1] as string ?? "?"));
                    break;
                case (byte)'Q': // BINPERSID
                    _stack.Add(persistent(Pop()));
                    break;
                case (byte)'R': // REDUCE
                    var arguments = Pop() as object?[] ?? throw new InvalidDataException("a call has no tuple of arguments.");
                    var callee = Pop() as PickleGlobal ?? throw new InvalidDataException("something that is no name is called.");
                    _stack.Add(call(callee, arguments));
                    break;
                case (byte)'b': // BUILD: attributes such as a state dict's _metadata, which nothing here needs
                    Pop();
                    break;
                case (byte)'s': // SETITEM
                    var item = PopMany(2);
                    Dictionary().Entries.Add((item[0], item[1]));
                    break;
                case (byte)'u': // SETITEMS
                    var items = PopToMark();
                    if (items.Length % 2 != 0) throw new InvalidDataException("a dictionary has a key without a value.");
                    var dictionary = Dictionary();
                    for (var i = 0; i < items.Length; i += 2) dictionary.Entries.Add((items[i], items[i + 1]));
                    break;
                case (byte)'a': // APPEND
                    var element = Pop();
                    List().Add(element);
                    break;
                case (byte)'e': // APPENDS
                    var elements = PopToMark();
                    List().AddRange(elements);
                    break;
                default:
                    throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"the pickle has the operation 0x{opcode:x2} at byte {at - 1}, which weights do not need."));
            }
        }
    }

    private PickleGlobal Global(string module, string name)
    {
        var global = new PickleGlobal(module, name);
        return allowed(global) ? global : throw new InvalidDataException($"the file asks for the Python object '{global}', which is not loaded: only tensors are.");
    }

    private PickleDictionary Dictionary() => Peek() as PickleDictionary ?? throw new InvalidDataException("an entry is put into something that is no dictionary.");

    private List<object?> List() => Peek() as List<object?> ?? throw new InvalidDataException("an element is put into something that is no list.");

    private object? Remembered(long number) => _memo.TryGetValue(number, out var value) ? value : throw new InvalidDataException($"the pickle remembers no value {number}.");

    private object? Peek() => _stack.Count > 0 && !ReferenceEquals(_stack[^1], Mark) ? _stack[^1] : throw new InvalidDataException("the pickle takes from an empty stack.");

    private object? Pop()
    {
        var top = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private object?[] PopMany(int count)
    {
        var values = new object?[count];
        for (var i = count - 1; i >= 0; i--) values[i] = Pop();
        return values;
    }

    private object?[] PopToMark()
    {
        var mark = _stack.FindLastIndex(value => ReferenceEquals(value, Mark));
        if (mark < 0) throw new InvalidDataException("the pickle has no mark where one is needed.");
        var values = _stack[(mark + 1)..].ToArray();
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    /// <summary>Numbers beyond 64 bits occur as PyTorch's magic number only; they are kept as their text.</summary>
    private static object Long(ReadOnlySpan<byte> bytes)
    {
        var number = new System.Numerics.BigInteger(bytes);
        return number >= long.MinValue && number <= long.MaxValue ? (long)number : number.ToString("x", CultureInfo.InvariantCulture);
    }

    private static string Line(ReadOnlySpan<byte> data, ref int at)
    {
        var length = data[at..].IndexOf((byte)'\n');
        if (length < 0) throw new InvalidDataException("a name has no end.");
        var text = Encoding.ASCII.GetString(data.Slice(at, length));
        at += length + 1;
        return text;
    }

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> data, ref int at, uint count)
    {
        if (count > data.Length - at) throw new InvalidDataException($"the pickle ends at byte {data.Length}, within a value.");
        at += (int)count;
        return data.Slice(at - (int)count, (int)count);
    }
}
