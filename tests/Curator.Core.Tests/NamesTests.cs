using CsCheck;

namespace Curator.Core.Tests;

public sealed class NamesTests
{
    [Fact]
    public void Any_text_becomes_a_valid_name_and_valid_names_stay()
    {
        Gen.String.Sample(text =>
        {
            var name = Names.ToValid(text);
            Assert.True(Names.IsValid(name), $"'{text}' became '{name}'");
            Assert.Equal(name, Names.ToValid(name));
        });
        Gen.Char["abcXYZ019._-/\\ :"].Array[0, 12].Sample(letters =>
        {
            var text = new string(letters);
            if (Names.IsValid(text)) Assert.Equal(text, Names.ToValid(text));
            else Assert.True(Names.IsValid(Names.ToValid(text)), text);
        });
    }

    [Theory]
    [InlineData("River Delta", "River_Delta")]
    [InlineData("2024-06", "2024-06")]
    [InlineData("..", "__")]
    [InlineData("", "_")]
    public void Names_stay_readable(string text, string expected) => Assert.Equal(expected, Names.ToValid(text));
}
