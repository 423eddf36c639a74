using System.Text.Json;
using EdgeGateway.Alerts;
using EdgeGateway.Delivery;
using EdgeGateway.Storage;
using NJsonSchema;

namespace EdgeGateway.Tests.Delivery;

public class FoldedBodyTests
{
    [Fact]
    public async Task A_folded_entry_says_from_which_sequence_on_it_stands_and_fits_the_schema()
    {
        var folded = FoldedBody.Of(EntryOf("p1", "drift") with { First = 2 });
        using var body = JsonDocument.Parse(folded.Body);
        Assert.Equal(2, body.RootElement.GetProperty("data").GetProperty("foldedFrom").GetInt32());
        Assert.Equal("▁▂", body.RootElement.GetProperty("data").GetProperty("sparkline").GetString());
        var schema = await JsonSchema.FromFileAsync(Path.Combine(SharedFolder.RepositoryRoot, "docs", "formats", "alert.schema.json"), TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(body.RootElement.GetRawText()));
    }

    [Fact]
    public void An_entry_that_stands_for_itself_is_sent_as_it_was_stored()
    {
        var entry = EntryOf("p1", "drift");
        Assert.Same(entry, FoldedBody.Of(entry));
    }

    [Theory]
    [InlineData('x')]
    [InlineData('漢')]
    [InlineData('\u2028')]
    public void The_longest_body_stays_within_the_bound_when_it_is_folded(char letter)
    {
        for (var length = 1; length <= 2000; length += 7)
        {
            var entry = EntryOf(new string(letter, 256), new string(letter, length));
            Assert.InRange(FoldedBody.Of(entry with { First = 1 }).Body.Length, entry.Body.Length > AlertJson.MaxBytes - 40 ? 1 : entry.Body.Length, AlertJson.MaxBytes);
        }
    }

    private static OutboxEntry EntryOf(string subject, string text)
    {
        var alert = new Alert(
            "abcdefghij2345672345", 1_000_000_000, Transition.Updated, Any.Noon, true, subject, Family.Anomaly, "drift", 412, 0.934, "model", subject, [subject], "bar", Any.Noon.AddMinutes(-1), Any.Noon,
            [new("score", 2.5)], "▁▂", text, [new("model", "phi-sensor")]);
        return new OutboxEntry(1, alert.AlertId, alert.Sequence, subject, 1, "updated", alert.Time, AlertJson.Write(alert, "north-3"));
    }
}
