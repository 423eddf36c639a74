using CsCheck;
using EdgeGateway.Hub;

namespace EdgeGateway.Tests.Hub;

public class PropertyBagTests
{
    private static readonly Gen<KeyValuePair<string, string>[]> Properties =
        Gen.Select(Gen.String[1, 12], Gen.String[0, 12]).Select((name, value) => KeyValuePair.Create(name, value)).Array[0, 6];

    /// <summary>edgeHub acknowledges and loses a message with an equals sign, slash or blank form that it does not read; the stand-in's parser has its verdicts.</summary>
    [Fact]
    public void What_is_written_is_read_back_by_edgeHubs_rules_whatever_the_properties_are() => Properties.Sample(properties =>
    {
        var message = Message(properties);
        string bag;
        try
        {
            bag = PropertyBag.Write(message, hasOutput: true, Any.Noon);
        }
        catch (HubException refused)
        {
            Assert.Equal(HubFault.Refused, refused.Fault);
            return;
        }

        Assert.True(global::Hubstand.Hub.PropertyBag.TryParse(bag, out var read), bag);
        var expected = properties.Append(new("$.on", "alerts")).Append(new("$.mid", "a.1")).Append(new("$.ct", "application/json")).Append(new("$.ce", "utf-8"));
        Assert.All(expected, p => Assert.Equal(Wire(p.Value), read[Wire(p.Key)]));
        Assert.Equal(properties.Length + 5, read.Count);
    });

    [Fact]
    public void No_form_that_edgeHub_loses_is_ever_written() => Properties.Sample(properties =>
    {
        try
        {
            var bag = PropertyBag.Write(Message(properties), hasOutput: true, Any.Noon);
            Assert.DoesNotContain(bag, c => c is '/' or '?' or '+' or '#' or ' ' or > '\x7e' || char.IsControl(c));
            Assert.All(bag.Split('&'), pair => Assert.Equal(2, pair.Split('=').Length));
            Assert.StartsWith("%24.mid=a.1&%24.on=alerts&%24.ct=application%2Fjson&%24.ce=utf-8&%24.ctime=2026-11-24T12%3A00%3A00.0000000Z", bag, StringComparison.Ordinal);
        }
        catch (HubException refused)
        {
            Assert.Equal(HubFault.Refused, refused.Fault);
        }
    });

    [Theory]
    [InlineData("deviceId")]
    [InlineData("moduleId")]
    [InlineData("DEVICEID")]
    [InlineData("$.on")]
    [InlineData("$anything")]
    [InlineData("iothub-operation")]
    [InlineData("ack")]
    [InlineData("")]
    public void A_name_that_the_hub_reads_as_its_own_is_refused_and_named(string name) =>
        Assert.Contains($"\"{name}\"", Refusal(Message([new(name, "x")])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_that_comes_twice_is_refused() => Assert.Contains("twice", Refusal(Message([new("a", "1"), new("a", "2")])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(129)]
    public void A_message_id_has_1_to_128_characters(int length) => Refusal(Message([]) with { Id = new string('x', length) });

    [Fact]
    public void A_device_has_no_outputs() => Assert.DoesNotContain("%24.on", PropertyBag.Write(Message([]), hasOutput: false, Any.Noon), StringComparison.Ordinal);

    [Theory]
    [InlineData("%24.on=alerts&a=b", "$.on=alerts,a=b")]
    [InlineData("$.on=alerts&a=b/", "$.on=alerts,a=b")]
    [InlineData("?%24.cdid=edge-1&bare&empty=", "$.cdid=edge-1,bare=,empty=")]
    [InlineData("a=b=c&&x=%zz&a=2", "a=2,x=%zz")]
    [InlineData("", "")]
    public void What_comes_is_read_leniently(string bag, string expected) =>
        Assert.Equal(expected, string.Join(',', PropertyBag.Read(bag).Select(p => $"{p.Key}={p.Value}")));

    [Fact]
    public void Reading_never_throws() => Gen.String.Sample(bag => Assert.NotNull(PropertyBag.Read(bag)));

    private static HubException Refusal(HubMessage message)
    {
        var refused = Assert.Throws<HubException>(() => PropertyBag.Write(message, hasOutput: true, Any.Noon));
        Assert.Equal(HubFault.Refused, refused.Fault);
        return refused;
    }

    /// <summary>Half of a surrogate pair has no form on the wire.</summary>
    private static string Wire(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));

    private static HubMessage Message(KeyValuePair<string, string>[] properties) => new("a.1", "alerts", "{}"u8.ToArray(), properties);
}
