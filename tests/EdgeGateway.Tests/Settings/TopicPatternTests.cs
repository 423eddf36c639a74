using CsCheck;
using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Settings;

public sealed class TopicPatternTests
{
    // Small alphabets make equal levels, empty levels and system topics frequent.
    private static readonly string[] Literals = ["a", "b", "", "$s"];

    private static readonly Gen<string> Patterns =
        from levels in Any.Of("a", "b", "", "$s", "{x}").Array[1, 3]
        from open in Gen.Bool
        let named = levels.Select((level, i) => level == "{x}" ? $"{{x{i}}}" : level)
        let text = string.Join('/', open ? named.Append("#") : named)
        where text.Length > 0
        select text;

    // With the empty topic, which no broker sends: it keeps the rules free of a special case.
    private static readonly string[] AllTopics = [.. Enumerable.Range(1, 5).SelectMany(Topics)];

    [Fact]
    public void A_named_level_is_a_plus_in_the_filter()
    {
        var pattern = Parse("plant/{line}/pump/{pump}");

        Assert.Equal("plant/+/pump/+", pattern.Filter);
        Assert.Equal(["line", "pump"], pattern.Names);
        Assert.Equal("plant/{line}/pump/{pump}", pattern.ToString());
    }

    [Fact]
    public void A_hash_may_stand_at_the_end_and_matches_its_parent_too()
    {
        var pattern = Parse("plant/{line}/#");

        Assert.Equal("plant/+/#", pattern.Filter);
        Assert.True(pattern.TryMatch("plant/a", new Range[1]));
        Assert.True(pattern.TryMatch("plant/a/b/c", new Range[1]));
        Assert.False(pattern.TryMatch("plant", new Range[1]));
    }

    [Fact]
    public void A_match_says_where_the_names_lie()
    {
        const string topic = "plant/north/pump/p-7";
        var captures = new Range[2];

        Assert.True(Parse("plant/{line}/pump/{pump}").TryMatch(topic, captures));
        Assert.Equal(["north", "p-7"], captures.Select(range => topic[range]));
    }

    [Fact]
    public void Wildcards_do_not_match_the_brokers_own_topics()
    {
        Assert.False(Parse("#").TryMatch("$SYS/uptime", []));
        Assert.False(Parse("{a}/uptime").TryMatch("$SYS/uptime", new Range[1]));
        Assert.True(Parse("$SYS/{what}").TryMatch("$SYS/uptime", new Range[1]));
    }

    [Theory]
    [InlineData("plant/+/pump", "write {name} instead")]
    [InlineData("plant/a+/pump", "in place of the whole level")]
    [InlineData("plant/#/pump", "may stand only there")]
    [InlineData("plant/a#", "may stand only there")]
    [InlineData("plant/p{x}", "whole level")]
    [InlineData("plant/{}", "whole level")]
    [InlineData("plant/{a-b}", "letters, digits and _")]
    [InlineData("plant/{a}{b}", "whole level")]
    [InlineData("plant/}", "whole level")]
    [InlineData("{a}/{a}", "twice")]
    [InlineData("", "is empty")]
    [InlineData("a\u0000b", "control character")]
    [InlineData("$share/group/plant", "shared subscription")]
    public void A_pattern_that_cannot_be_used_is_refused_with_a_hint(string text, string hint)
    {
        Assert.False(TopicPattern.TryParse(text, out _, out var error));
        Assert.Contains(hint, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_has_at_most_256_characters()
    {
        Assert.True(TopicPattern.TryParse(new string('a', 256), out _, out _));
        Assert.False(TopicPattern.TryParse(new string('a', 257), out _, out var error));
        Assert.Contains("at most 256", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_asset_is_named_by_the_levels_of_its_topic()
    {
        var pattern = Parse("plant/{line}/pump/{pump}");

        Assert.True(pattern.TryCheckTemplate("{line}/{pump}", out _));
        Assert.Equal("north/7", pattern.Expand("{line}/{pump}", "plant/north/pump/7"));
        Assert.Equal("pump 7 of north", pattern.Expand("pump {pump} of {line}", "plant/north/pump/7"));
        Assert.Equal("fixed", pattern.Expand("fixed", "plant/north/pump/7"));
    }

    [Theory]
    [InlineData("{site}", "names {site}, which the topic does not have; it has {line}, {pump}")]
    [InlineData("{line", "brace")]
    [InlineData("line}", "brace")]
    [InlineData("", "is empty")]
    [InlineData("a\nb", "control character")]
    public void An_asset_template_that_the_topic_cannot_fill_is_refused(string template, string hint)
    {
        Assert.False(Parse("plant/{line}/pump/{pump}").TryCheckTemplate(template, out var error));
        Assert.Contains(hint, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Matching_allocates_nothing()
    {
        var pattern = Parse("plant/{line}/pump/{pump}");
        var captures = new Range[2];
        pattern.TryMatch("plant/a/pump/b", captures);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            pattern.TryMatch("plant/a/pump/b", captures);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Matching_agrees_with_a_naive_matcher() =>
        Gen.Select(Patterns, Any.Of(AllTopics)).Sample((text, topic) =>
            Assert.Equal(NaiveMatch(text.Split('/'), topic.Split('/')), Parse(text).TryMatch(topic, new Range[4])), iter: 5_000);

    [Fact]
    public void Overlap_agrees_with_trying_every_topic() =>
        Gen.Select(Patterns, Patterns).Sample((left, right) =>
        {
            var (a, b) = (Parse(left), Parse(right));
            var shared = AllTopics.Any(topic => a.TryMatch(topic, new Range[4]) && b.TryMatch(topic, new Range[4]));
            Assert.Equal(shared, TopicPattern.Overlap(a, b));
            Assert.Equal(shared, TopicPattern.Overlap(b, a));
        }, iter: 2_000);

    [Fact]
    public void Any_text_is_read_or_refused_with_a_reason() =>
        Gen.String.Sample(text => Assert.Equal(TopicPattern.TryParse(text, out _, out var error), error is null));

    private static TopicPattern Parse(string text)
    {
        Assert.True(TopicPattern.TryParse(text, out var pattern, out var error), error);
        return pattern;
    }

    private static IEnumerable<string> Topics(int levels) => levels == 1
        ? Literals
        : Topics(levels - 1).SelectMany(_ => Literals, (topic, level) => $"{topic}/{level}");

    private static bool NaiveMatch(string[] pattern, string[] topic)
    {
        if (topic[0].StartsWith('$') && (pattern[0].StartsWith('{') || pattern[0] == "#"))
        {
            return false;
        }

        return (pattern, topic) switch
        {
            (["#"], _) => true,
            ([], []) => true,
            ([], _) or (_, []) => false,
            _ when !pattern[0].StartsWith('{') && pattern[0] != topic[0] => false,
            _ when topic.Length == 1 => pattern.Length == 1 || pattern is [_, "#"],
            _ => NaiveRest(pattern[1..], topic[1..]),
        };
    }

    // The rule for $ concerns the first level alone: later levels are made harmless.
    private static bool NaiveRest(string[] pattern, string[] topic) =>
        NaiveMatch([.. pattern.Select(Harmless)], [.. topic.Select(Harmless)]);

    private static string Harmless(string level) => level.Replace('$', 'S');
}
