using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Curator.Learning.Tests.Support;

/// <summary>Which methods of an assembly call which, read from its instructions. ECMA-335, III (instructions) and II.22 (tables). Methods are named <c>Type::Method(Parameter,…)</c>.</summary>
internal static class CallGraph
{
    private const byte TwoByteInstruction = 0xFE;
    private static readonly Dictionary<int, OpCode> Instructions =
        typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>Every method with a body, and what it calls or takes a delegate of.</summary>
    public static Dictionary<string, HashSet<string>> Of(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        var graph = new Dictionary<string, HashSet<string>>();
        foreach (var handle in reader.MethodDefinitions)
        {
            var method = reader.GetMethodDefinition(handle);
            if (method.RelativeVirtualAddress == 0) continue;
            var name = Name(reader, handle)!;
            if (!graph.TryGetValue(name, out var calls)) graph[name] = calls = [];
            calls.UnionWith(Tokens(file.GetMethodBody(method.RelativeVirtualAddress).GetILBytes()!).Select(token => Name(reader, MetadataTokens.EntityHandle(token))).OfType<string>());
        }
        return graph;
    }

    /// <summary>All methods from which some path of calls leads to a method of <paramref name="ends"/>, these included.</summary>
    public static HashSet<string> Leading(Dictionary<string, HashSet<string>> graph, IEnumerable<string> ends)
    {
        var callers = graph.SelectMany(pair => pair.Value.Select(callee => (Caller: pair.Key, callee))).ToLookup(pair => pair.callee, pair => pair.Caller);
        var found = ends.ToHashSet();
        var open = new Stack<string>(found);
        while (open.TryPop(out var method))
            foreach (var caller in callers[method])
                if (found.Add(caller))
                    open.Push(caller);
        return found;
    }

    /// <summary>The operands of a method's instructions that name a method.</summary>
    private static IEnumerable<int> Tokens(byte[] body)
    {
        for (var i = 0; i < body.Length;)
        {
            var code = Instructions[body[i] == TwoByteInstruction ? (TwoByteInstruction << 8) | body[i + 1] : body[i]];
            i += code.Size;
            if (code.OperandType is OperandType.InlineMethod) yield return BitConverter.ToInt32(body, i);
            i += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(body, i)),
                _ => 4,
            };
        }
    }

    private static string? Name(MetadataReader reader, EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.MethodDefinition:
                var method = reader.GetMethodDefinition((MethodDefinitionHandle)handle);
                return Name(TypeName(reader, method.GetDeclaringType()), reader.GetString(method.Name), method.DecodeSignature(TypeNames.Instance, null));
            case HandleKind.MemberReference:
                var member = reader.GetMemberReference((MemberReferenceHandle)handle);
                return Name(TypeName(reader, member.Parent), reader.GetString(member.Name), member.DecodeMethodSignature(TypeNames.Instance, null));
            case HandleKind.MethodSpecification:
                return Name(reader, reader.GetMethodSpecification((MethodSpecificationHandle)handle).Method);
            default:
                return null;
        }
    }

    private static string Name(string type, string method, MethodSignature<string> signature) => $"{type}::{method}({string.Join(',', signature.ParameterTypes)})";

    private static string TypeName(MetadataReader reader, EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                var type = reader.GetTypeDefinition((TypeDefinitionHandle)handle);
                return (type.GetDeclaringType().IsNil ? "" : TypeName(reader, type.GetDeclaringType()) + ".") + reader.GetString(type.Name);
            case HandleKind.TypeReference:
                var reference = reader.GetTypeReference((TypeReferenceHandle)handle);
                return (reference.ResolutionScope.Kind == HandleKind.TypeReference ? TypeName(reader, reference.ResolutionScope) + "." : "") + reader.GetString(reference.Name);
            case HandleKind.TypeSpecification:
                return reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(TypeNames.Instance, null).Split('<')[0];
            default:
                return "";
        }
    }

    private sealed class TypeNames : ISignatureTypeProvider<string, object?>
    {
        public static readonly TypeNames Instance = new();

        public string GetArrayType(string elementType, ArrayShape shape) => elementType + "[,]";

        public string GetByReferenceType(string elementType) => elementType + "&";

        public string GetFunctionPointerType(MethodSignature<string> signature) => "function";

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(',', typeArguments)}>";

        public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetPinnedType(string elementType) => elementType;

        public string GetPointerType(string elementType) => elementType + "*";

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => TypeName(reader, handle);

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => TypeName(reader, handle);

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
    }
}
