namespace Curator.Benchmarks.Imagery;

/// <summary>Damages a file: flips, overwrites, cuts, doubles or drops bytes, half of them near the start, where headers are.</summary>
internal static class Mutation
{
    public static byte[] Of(byte[] original, Random random)
    {
        var file = new List<byte>(original);
        for (var n = random.Next(1, 9); n > 0; n--)
        {
            if (file.Count < 12) break;
            var at = random.Next(2) == 0 ? random.Next(Math.Min(64, file.Count)) : random.Next(file.Count);
            switch (random.Next(7))
            {
                case 0: file[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: file[at] = (byte)random.Next(256); break;
                case 2: file[at] = (byte)(random.Next(2) * 255); break;
                case 3: file.RemoveRange(at, Math.Min(random.Next(1, 16), file.Count - at)); break;
                case 4: file.InsertRange(at, file.GetRange(at, Math.Min(random.Next(1, 16), file.Count - at))); break;
                case 5 when file.Count >= at + 4:
                    // Sizes and offsets that mean trouble: 0, the largest, just over.
                    var number = (uint[])[0, uint.MaxValue, int.MaxValue, 0x8000_0000, 65_536, (uint)file.Count + 1];
                    var bytes = BitConverter.GetBytes(number[random.Next(number.Length)]);
                    for (var k = 0; k < 4; k++) file[at + k] = bytes[k];
                    break;
                default:
                    if (random.Next(8) == 0) file.RemoveRange(at, file.Count - at);
                    else for (var k = at; k < Math.Min(at + 8, file.Count); k++) file[k] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. file];
    }
}
