using System.Text;
using CsCheck;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Tests.Packages.Groups;

/// <summary>A key is granted because a person confirmed its fingerprint for that device, and never because a hub reports it.</summary>
public class ConfirmedMembersTests
{
    private static readonly X25519Recipient First = NewKey();
    private static readonly X25519Recipient Second = NewKey();

    [Fact]
    public void Confirmed_keys_are_members()
    {
        var confirmation = Two().Confirm([new("gw-17", First.Text), new("gw-18", Second.Text)]);
        Assert.Equal([First, Second], confirmation.Members);
        Assert.Empty(confirmation.Refusals);
    }

    [Fact]
    public void The_owner_of_the_hub_reports_his_own_key_for_a_device_and_it_is_refused()
    {
        var his = NewKey();
        var confirmation = Two().Confirm([new("gw-17", his.Text), new("gw-18", Second.Text)]);
        Assert.Equal([Second], confirmation.Members);
        Assert.Equal([$"gw-17 is said to have the key {his.Fingerprint}, confirmed was {First.Fingerprint}: it was set up anew, or this is somebody else's key. See what the device prints."], confirmation.Refusals);
    }

    [Fact]
    public void The_owner_of_the_hub_adds_a_device_of_his_own_and_it_is_refused()
    {
        var confirmation = Two().Confirm([new("gw-17", First.Text), new("gw-18", Second.Text), new("gw-19", NewKey().Text), new("GW-17", First.Text)]);
        Assert.Equal([First, Second], confirmation.Members);
        Assert.Equal(2, confirmation.Refusals.Length);
        Assert.All(confirmation.Refusals, r => Assert.Contains("is not on the list of group line-a", r, StringComparison.Ordinal));
    }

    [Fact]
    public void The_owner_of_the_hub_reports_the_key_of_one_device_for_another_and_it_is_refused()
    {
        var confirmation = Two().Confirm([new("gw-17", Second.Text), new("gw-18", First.Text)]);
        Assert.Empty(confirmation.Members);
        Assert.Equal(2, confirmation.Refusals.Length);
    }

    [Fact]
    public void His_key_beside_the_right_one_takes_nothing_away_and_gives_nothing()
    {
        var confirmation = Two().Confirm([new("gw-17", NewKey().Text), new("gw-17", First.Text), new("gw-18", Second.Text), new("gw-18", Second.Text)]);
        Assert.Equal([First, Second], confirmation.Members);
        Assert.Single(confirmation.Refusals);
    }

    [Fact]
    public void A_device_that_reported_no_key_is_named()
    {
        var confirmation = Two().Confirm([new("gw-18", Second.Text)]);
        Assert.Equal([Second], confirmation.Members);
        Assert.Equal(["gw-17 is on the list of group line-a and has reported no key: start it once while the hub can be reached."], confirmation.Refusals);
    }

    [Theory]
    [InlineData("")]
    [InlineData("age1")]
    [InlineData("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX")]
    public void What_is_no_key_is_refused(string reported) =>
        Assert.Equal(["gw-17 reported something that is no key (age1...): look at the device."], Two().Confirm([new("gw-17", reported), new("gw-18", Second.Text)]).Refusals);

    [Theory]
    [InlineData("", "The list of members is no JSON as it should be")]
    [InlineData("[]", "The list is no JSON object.")]
    [InlineData("""{ "members": [] }""", "The list needs \"group\"")]
    [InlineData("""{ "group": "line-a" }""", "The list needs 1 to 2000 members.")]
    [InlineData("""{ "group": "line-a", "members": [] }""", "The list needs 1 to 2000 members.")]
    [InlineData("""{ "group": "line-a", "members": {} }""", "The list needs 1 to 2000 members.")]
    [InlineData("""{ "group": "line-a", "group": "line-b", "members": [] }""", "The list of members is no JSON as it should be")]
    [InlineData("""{ "group": "\ud800", "members": [] }""", "The list of members is no JSON as it should be")]
    [InlineData("""{ "group": "line-a", "members": [ 1 ] }""", "Member 1 of the list is no JSON object.")]
    [InlineData("""{ "group": "line-a", "members": [ { "device": 1 } ] }""", "Member 1 of the list needs \"device\"")]
    [InlineData("""{ "group": "line-a", "members": [ { "device": "gw-17" } ] }""", "gw-17 needs \"fingerprint\"")]
    [InlineData("""{ "group": "line-a", "members": [ { "device": "gw-17", "fingerprint": "0000-0000-0000-0000-0000-0000-0000-0000" } ] }""", "gw-17 needs \"confirmedBy\"")]
    [InlineData("""{ "group": "line-a", "members": [ { "device": "gw-17", "fingerprint": "0000-0000-0000-0000-0000-0000-0000-000g", "confirmedBy": "me" } ] }""", "gw-17 has a fingerprint that is not")]
    public void A_list_of_another_form_is_refused_with_a_reason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => ConfirmedMembers.Read(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_list_that_says_two_things_is_refused()
    {
        Assert.Contains("gw-17 is on the list twice", Assert.Throws<FormatException>(() => List(("gw-17", First.Fingerprint), ("gw-17", Second.Fingerprint))).Message, StringComparison.Ordinal);
        Assert.Contains("gw-18 has the fingerprint of another device", Assert.Throws<FormatException>(() => List(("gw-17", First.Fingerprint), ("gw-18", First.Fingerprint))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_change_of_a_list_is_read_or_refused_as_a_list()
    {
        var json = Json(("gw-17", First.Fingerprint), ("gw-18", Second.Fingerprint));
        Gen.Select(Gen.Int[0, json.Length - 1], Gen.Byte, Gen.Int[0, 30]).Sample(
            (at, value, cut) =>
            {
                try
                {
                    ConfirmedMembers.Read(Encoding.Latin1.GetBytes(json[..at] + (char)value + json[Math.Min(json.Length, at + cut)..]));
                }
                catch (FormatException)
                {
                    // refused is as good as read
                }
            },
            iter: 10_000);
    }

    private static ConfirmedMembers Two() => List(("gw-17", First.Fingerprint), ("gw-18", Second.Fingerprint));

    private static ConfirmedMembers List(params (string Device, string Fingerprint)[] members) => ConfirmedMembers.Read(Encoding.UTF8.GetBytes(Json(members)));

    private static string Json(params (string Device, string Fingerprint)[] members) =>
        $$"""{ "group": "line-a", "members": [ {{string.Join(", ", members.Select(m => $$"""{ "device": "{{m.Device}}", "fingerprint": "{{m.Fingerprint}}", "confirmedBy": "A. Person" }"""))}} ] }""";

    private static X25519Recipient NewKey()
    {
        using var identity = X25519Identity.New();
        return identity.Recipient;
    }
}
