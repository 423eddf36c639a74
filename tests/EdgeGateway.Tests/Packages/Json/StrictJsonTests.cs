using System.Globalization;
using System.Text;
using CsCheck;
using EdgeGateway.Packages.Json;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Json;

/// <summary>The rules for JSON in payloads, one by one; what breaks one is named by its path.</summary>
public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("1.0")]
    [InlineData("1e0")]
    [InlineData("1E3")]
    [InlineData("-0")]
    [InlineData("-1")]
    [InlineData("0.5")]
    [InlineData("9007199254740992")]
    [InlineData("18446744073709551617")]
    [InlineData("1e999")]
    [InlineData("\"1\"")]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("[1]")]
    public void A_whole_number_is_written_as_one_and_is_below_2_to_the_53(string written) =>
        Assert.StartsWith("It breaks a rule: $.n is ", Refused($"{{\"n\":{written}}}", json => json.Number("n", 0, StrictJson.MaxNumber)), StringComparison.Ordinal);

    [Theory]
    [InlineData("01")]
    [InlineData("+1")]
    [InlineData(".5")]
    [InlineData("0x10")]
    [InlineData("NaN")]
    [InlineData("1_000")]
    public void What_is_no_number_of_JSON_is_no_JSON(string written) =>
        Assert.Contains("it is no JSON", Refused($"{{\"n\":{written}}}", json => json.Number("n", 0, 9)), StringComparison.Ordinal);

    [Fact]
    public void Every_whole_number_within_bounds_is_read_and_none_beyond() => Gen.Select(Gen.Long[0, StrictJson.MaxNumber], Gen.Long[0, StrictJson.MaxNumber], Gen.Long[0, StrictJson.MaxNumber]).Sample((number, one, other) =>
    {
        var (least, most) = (Math.Min(one, other), Math.Max(one, other));
        var isRead = StrictJson.TryRead(Encoding.UTF8.GetBytes($"{{\"n\":{number.ToString(CultureInfo.InvariantCulture)}}}"), 99, RefusalCode.Manifest, "It", json => new Box(json.Number("n", least, most)), out var value, out _);
        return isRead == (number >= least && number <= most) && (!isRead || value!.Number == number);
    });

    [Theory]
    [InlineData("2026-11-26T12:00:00Z", true)]
    [InlineData("2026-11-26T12:00:00+00:00", false)]
    [InlineData("2026-11-26T12:00:00", false)]
    [InlineData("2026-11-26t12:00:00z", false)]
    [InlineData("2026-11-26T12:00:00.5Z", false)]
    [InlineData("2026-11-26 12:00:00Z", false)]
    [InlineData(" 2026-11-26T12:00:00Z", false)]
    [InlineData("2026-02-29T12:00:00Z", false)]
    [InlineData("2026-11-26T24:00:00Z", false)]
    [InlineData("2026-11-26T23:59:60Z", false)]
    [InlineData("12026-11-26T12:00:00Z", false)]
    public void A_time_is_UTC_in_whole_seconds(string written, bool isTime)
    {
        var sentence = Refused($"{{\"t\":\"{written}\"}}", json => _ = json.Time("t"));
        Assert.Equal(isTime ? "" : $"It breaks a rule: $.t is \"{written}\", no time like 2026-11-26T12:00:00Z; have it made anew with modelkit, or copied again from where it was made.", sentence);
    }

    [Fact]
    public void Deep_inside_the_path_says_where() =>
        Assert.Contains("$.a[1].b.c is missing", Refused("""{"a":[{},{"b":{}}]}""", json => json.Objects("a", 0, 9)[1].Object("b").Text("c")), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "it is empty or not there")]
    [InlineData(" ", "it is no JSON")]
    [InlineData("7", "$ is not an object")]
    [InlineData("""{"a":1,"a":1}""", "has a member twice")]
    [InlineData("""{"x":{"a":1,"\u0061":1}}""", "has a member twice")]
    [InlineData("""{"x":"\ud800"}""", "no Unicode")]
    [InlineData("""{"\udc00":1}""", "no Unicode")]
    [InlineData("""{"x":1} """, "")]
    [InlineData("""{"x":1}//""", "it is no JSON")]
    [InlineData("""{"x":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}""", "")]
    [InlineData("""{"x":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}""", "nested deeper than 16")]
    public void A_document_is_JSON_without_doubles_of_members_no_deeper_than_16(string document, string why) => AssertSays(why, Refused(document, _ => { }));

    [Theory]
    [InlineData("""{"format":1}""", "")]
    [InlineData("""{"format":2}""", "It needs a newer reader: $.format is 2")]
    [InlineData("""{"format":0}""", "$.format is 0")]
    [InlineData("""{"format":1,"x":1,"critical":["x"]}""", "It needs a newer reader: $.critical names \"x\"")]
    [InlineData("""{"format":1,"critical":["x"]}""", "$.critical names \"x\", which is no member")]
    [InlineData("""{"format":1,"a":1,"critical":["a"]}""", "$.critical names \"a\", which is no member beyond the format")]
    [InlineData("""{"format":1,"critical":["critical"]}""", "$.critical names \"critical\"")]
    [InlineData("""{"format":1,"x":1,"critical":["x","x"]}""", "names it twice")]
    [InlineData("""{"format":1,"critical":[]}""", "$.critical has 0 entries")]
    [InlineData("""{"format":1,"critical":"x"}""", "$.critical is not a list")]
    public void Critical_members_and_newer_formats_refuse_a_reader_that_does_not_know_them(string document, string why) =>
        AssertSays(why, Refused(document, json => json.CheckFormat("a")));

    [Fact]
    public void Foreign_text_comes_into_a_sentence_short_and_printable()
    {
        var sentence = Refused($$"""{"name":"\u001b[2J\u0007ä{{new string('x', 1000)}}"}""", json => json.Name("name"));
        Assert.Contains("is \"?[2J??xxx", sentence, StringComparison.Ordinal);
        Assert.Equal(58, sentence.Count('x'.Equals));
    }

    /// <summary>Nothing was refused where nothing should be said.</summary>
    private static void AssertSays(string why, string sentence)
    {
        Assert.Equal(why.Length == 0, sentence.Length == 0);
        Assert.Contains(why, sentence, StringComparison.Ordinal);
    }

    /// <summary>The sentence, empty when nothing was refused.</summary>
    private static string Refused(string document, Action<StrictJson> read) =>
        StrictJson.TryRead(Encoding.UTF8.GetBytes(document), 10_000, RefusalCode.Manifest, "It", json => Read(json, read), out _, out var refusal) ? "" : refusal.Sentence;

    private static Box Read(StrictJson json, Action<StrictJson> read)
    {
        read(json);
        return new(0);
    }

    private sealed record Box(long Number);
}
