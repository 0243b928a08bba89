using System.Globalization;
using System.Security.Cryptography;
using Curator.Core.Images;

namespace Curator.Core.Tests;

/// <summary>Image records made of a number, each field different.</summary>
internal static class Records
{
    public static string Hash(long number) => Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(number)));

    public static ImageRecord Make(long number) => new()
    {
        Uri = string.Create(CultureInfo.InvariantCulture, $"/pictures/class {number % 7}/tile-{number:d9} é.jpg"),
        Sha256 = Hash(number),
        SizeBytes = number * 3,
        ModifiedNanoseconds = 1_700_000_000_123_456_700 + number,
        Width = 64 + (int)(number % 100),
        Height = 48,
        Channels = number % 3 == 0 ? 1 : 3,
        BitDepth = 8,
        Folder = string.Create(CultureInfo.InvariantCulture, $"class {number % 7}"),
        PerceptualHash = unchecked((ulong)number * 0x9E3779B97F4A7C15),
        MeanLuma = number % 256,
        LumaDeviation = number % 128 / 2f,
        NoDataShare = number % 11 / 10f,
        TakenAt = number % 4 == 0 ? null : DateTimeOffset.UnixEpoch.AddHours(number),
        Footprint = number % 5 == 0 ? null : new BoundingBox(-10, 170 + (number % 9), 10, -170),
    };
}
