using System.Text;
using System.Text.Json;
using CsCheck;
using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Settings;

public sealed class SettingsReaderProperties
{
    private static readonly Gen<string> Soup = Any.Of(
        "{", "}", "[", "]", ",", ":", "\"a\"", "\"schema\"", "\"sources\"", "\"topic\"", "\"\\ud800\"", "\"\\u0000\"", "1", "-", "1e999", "null", "true", "//", " ", "\n", "ä").Array[0, 30]
        .Select(string.Concat);

    [Fact]
    public void Any_bytes_are_read_or_refused() =>
        Gen.Byte.Array[0, 100].Sample(bytes => AssertWhole(SettingsReader.Read(bytes, "x")));

    [Fact]
    public void Any_text_that_looks_like_json_is_read_or_refused() =>
        Soup.Sample(text => AssertWhole(SettingsSamples.Read(text)), iter: 5_000);

    [Fact]
    public void A_document_cut_off_or_with_a_byte_changed_is_read_or_refused() =>
        Gen.Select(Gen.Int[0, SettingsSamples.Full.Length - 1], Gen.Byte, Gen.Bool).Sample((at, value, cut) =>
        {
            var bytes = Encoding.UTF8.GetBytes(SettingsSamples.Full);
            bytes[at] = value;
            AssertWhole(SettingsReader.Read(bytes.AsMemory(0, cut ? at : bytes.Length), "x"));
        }, iter: 2_000);

    [Fact]
    public void Text_nested_deeply_is_refused() =>
        AssertWhole(SettingsSamples.Read(string.Concat(Enumerable.Repeat("{\"a\":[", 10_000))));

    [Fact]
    public void Each_problem_is_at_a_place_that_exists_or_names_the_missing_key() =>
        SettingsMutations.Documents.Sample(json =>
        {
            using var document = JsonDocument.Parse(json);
            var result = SettingsSamples.Read(json);
            AssertWhole(result);
            foreach (var problem in result.Errors.Concat(result.UnknownKeys).Concat(result.Warnings))
            {
                AssertPlace(document.RootElement, problem);
            }
        }, iter: 3_000);

    [Fact]
    public void No_place_is_named_twice_for_the_same_reason() =>
        SettingsMutations.Documents.Sample(json =>
        {
            var errors = SettingsSamples.Read(json).Errors;
            Assert.Equal(errors.Length, errors.Distinct().Count());
        }, iter: 1_000);

    private static void AssertWhole(SettingsReadResult result)
    {
        Assert.Equal(result.Errors.IsEmpty, result.Settings is not null);
        foreach (var problem in result.Errors.Concat(result.UnknownKeys))
        {
            Assert.DoesNotContain(problem.ToString(), char.IsControl);
        }
    }

    private static void AssertPlace(JsonElement root, SettingsProblem problem)
    {
        var places = Places(root, new SettingsPlace("site.json", "")).ToDictionary(entry => entry.Path, entry => entry.IsObject);
        if (problem.Message.StartsWith("is missing", StringComparison.Ordinal))
        {
            Assert.DoesNotContain(problem.Path, places.Keys);
            var end = problem.Path.LastIndexOf('.');
            Assert.True(places[end < 0 ? "" : problem.Path[..end]], problem.ToString());
        }
        else
        {
            Assert.Contains(problem.Path, places.Keys);
        }
    }

    private static IEnumerable<(string Path, bool IsObject)> Places(JsonElement element, SettingsPlace place) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(entry => Places(entry.Value, place.Key(entry.Name))).Prepend((place.Path, true)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany((entry, i) => Places(entry, place.Index(i))).Prepend((place.Path, false)),
        _ => [(place.Path, false)],
    };
}
