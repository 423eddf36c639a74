using System.Text;
using CsCheck;
using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Settings;

public sealed class JsonPointerTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("/p", new[] { "p" })]
    [InlineData("/a/b", new[] { "a", "b" })]
    [InlineData("/", new[] { "" })]
    [InlineData("/a~1b/m~0n", new[] { "a/b", "m~n" })]
    [InlineData("/~01", new[] { "~1" })]
    [InlineData("/Druck/ä", new[] { "Druck", "ä" })]
    public void A_pointer_is_its_unescaped_keys(string text, string[] keys)
    {
        Assert.True(JsonPointer.TryParse(text, out var pointer, out var error), error);
        Assert.Equal(keys, pointer.Segments.Select(Encoding.UTF8.GetString));
        Assert.Equal(text, pointer.ToString());
    }

    [Fact]
    public void A_segment_that_is_a_number_without_leading_zero_is_also_an_array_index()
    {
        Assert.True(JsonPointer.TryParse("/values/0/12/012/-/x/99999999999", out var pointer, out _));
        Assert.Equal([-1, 0, 12, -1, -1, -1, -1], pointer.Indexes);
    }

    [Theory]
    [InlineData("p", "write \"/p\"")]
    [InlineData("data.p", "write \"/data/p\"")]
    [InlineData("/a~", "write ~0 for ~")]
    [InlineData("/a~2", "write ~0 for ~")]
    [InlineData("/a\u0001", "control character")]
    public void A_text_that_is_no_pointer_is_refused_with_a_hint(string text, string hint)
    {
        Assert.False(JsonPointer.TryParse(text, out _, out var error));
        Assert.Contains(hint, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_survive_escaping() =>
        Gen.String[Gen.Char["ab/~0 19é"], 0, 8].Array[0, 6].Sample(keys =>
        {
            var text = string.Concat(keys.Select(key => "/" + key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));
            Assert.True(JsonPointer.TryParse(text, out var pointer, out var error), error);
            Assert.Equal(keys, pointer.Segments.Select(Encoding.UTF8.GetString));
        });
}
