using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Curator.Core.Databases;

namespace Curator.Core.Labels;

/// <summary>
/// The audit chain: hash of event n = SHA-256 of the hash of event n-1 (64 digits) followed by the event's fields as netstrings
/// (<c>length:bytes,</c> in UTF-8, <c>-</c> for null) in the order of <see cref="LabelEvent"/>. Changing, removing or reordering any stored
/// event breaks every hash after it.
/// </summary>
internal static class LabelChain
{
    /// <summary>What event 1 follows.</summary>
    public static readonly string Genesis = new('0', 64);

    /// <returns>64 lower-case hexadecimal digits.</returns>
    public static string Next(string previous, LabelEvent entry)
    {
        var text = new StringBuilder(previous);
        Append(text, entry.Seq.ToString(CultureInfo.InvariantCulture));
        Append(text, entry.OperationId);
        Append(text, entry.Task);
        Append(text, entry.Image.ToString());
        Append(text, entry.Person);
        Append(text, entry.Session);
        Append(text, entry.Kind.ToString());
        Append(text, entry.Value);
        Append(text, entry.ShownAt?.ToMicroseconds().ToString(CultureInfo.InvariantCulture));
        Append(text, entry.ServerAt.ToMicroseconds().ToString(CultureInfo.InvariantCulture));
        Append(text, entry.Round.ToString(CultureInfo.InvariantCulture));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static void Append(StringBuilder text, string? field)
    {
        if (field is null) text.Append('-');
        else text.Append(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(field)}:{field},");
    }
}
