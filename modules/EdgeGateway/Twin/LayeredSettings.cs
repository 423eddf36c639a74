using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Settings;

namespace EdgeGateway.Twin;

/// <summary>
/// Lays the twin over the site files, section by section: a section that cannot be used leaves its last good one in force and touches no other. Sources and
/// maintenance windows merge by name, other sections replace whole. Depends on nothing but what it is given.
/// </summary>
/// <param name="site">The layers below the twin, the lowest first.</param>
internal sealed class LayeredSettings(ImmutableArray<SettingsLayer> site)
{
    /// <summary>What the problems and <c>getConfig</c> call the twin.</summary>
    public const string Origin = "twin";

    /// <summary>What is reported beside the sections.</summary>
    public static readonly ImmutableArray<string> Own = ["heartbeat", "device", "slots", "floors"];

    /// <summary>Names that mean something else in the reported properties, so that no section can have them.</summary>
    private static readonly string[] Reserved = [Origin, .. Own];

    /// <summary>Bytes that all sections may have together; the hub allows more, but what is reported and kept of them must fit too.</summary>
    public const int LargestDesired = 16 * 1024;

    private const int LongestError = 400;

    /// <summary>Bytes of a name that the hub takes.</summary>
    private const int LongestName = 1024;

    /// <summary>The layers below the twin.</summary>
    public ImmutableArray<SettingsLayer> Site => site;

    /// <summary>The sections of the twin that are in force.</summary>
    public ImmutableSortedDictionary<string, GoodSection> Good { get; private set; } = ImmutableSortedDictionary.Create<string, GoodSection>(StringComparer.Ordinal);

    /// <summary>What became of each section, and of the twin as a whole under "twin".</summary>
    public ImmutableSortedDictionary<string, SectionStatus> Statuses { get; private set; } = ImmutableSortedDictionary.Create<string, SectionStatus>(StringComparer.Ordinal);

    /// <summary>Goes on from the good sections of an earlier run. The site files may have changed since: what does not go with them is left out.</summary>
    public SettingsReadResult Restore(IEnumerable<KeyValuePair<string, GoodSection>> good)
    {
        foreach (var (name, section) in good.OrderBy(g => g.Key == "sources"))
        {
            Good = ErrorsOf(name, section.Value).IsEmpty ? Good.SetItem(name, section) : Good;
        }

        return Read(Good);
    }

    /// <summary>Takes the desired properties of a version and returns the settings that follow, with everything that is wrong below the twin.</summary>
    public SettingsReadResult Take(long version, JsonObject desired)
    {
        if (Refusal(desired) is { } refused)
        {
            Statuses = Statuses.SetItem(Origin, refused with { Version = version });
            return Read(Good);
        }

        // last, as the rules of sources look at the other sections
        var names = desired.Select(d => d.Key).Where(name => name != "schema" && CanBeReported(name)).OrderBy(name => name == "sources").ToList();
        Good = Good.RemoveRange(Good.Keys.Except(names));
        var statuses = Statuses;
        var misnamed = string.Join(' ', desired.Select(d => d.Key).Where(name => !CanBeReported(name)).Select(SettingsKeys.UnknownSection));
        Statuses = Statuses.Clear().Add(Origin, new SectionStatus(version, 200, Short(misnamed, LongestError)));
        foreach (var name in names)
        {
            var status = SettingsKeys.IsSection(name)
                ? TakeSection(name, version, desired[name]!)
                : new SectionStatus(version, 404, Short(SettingsKeys.UnknownSection(name), LongestError));

            // what is the same as before keeps the version that brought it
            Statuses = Statuses.Add(name, statuses.TryGetValue(name, out var before) && before == status with { Version = before.Version } ? before : status);
        }

        return Whole(version);
    }

    /// <summary>The hub gave something that is no twin: what is in force stays.</summary>
    public void Unreadable(long version) =>
        Statuses = Statuses.SetItem(Origin, new SectionStatus(version, 400, "The twin could not be read: it is not a JSON object with desired properties, or nested too deep. What was in force stays."));

    /// <summary>What is reported of all this. What is at the end is left out where all of it does not fit: keys that mean nothing to us.</summary>
    /// <param name="own">By the names of <see cref="Own"/>; taken over.</param>
    public JsonObject Report(JsonObject own)
    {
        var ordered = Statuses.OrderBy(s => s.Value.Status == 404).ThenBy(s => s.Key != Origin);
        foreach (var (name, status) in ordered)
        {
            own[name] = status.ToJson();
        }

        return own;
    }

    /// <summary>The settings; sections that are good alone may still not be enough, which the status of the twin says then.</summary>
    private SettingsReadResult Whole(long version)
    {
        var read = Read(Good);
        if (read.Settings is null)
        {
            // good, and not in force all the same
            Statuses = Statuses.SetItems(Statuses.Where(s => s.Value.Status == 200).Select(s => KeyValuePair.Create(s.Key, s.Value with { Status = 424 })));
            Statuses = Statuses.SetItem(Origin, new SectionStatus(version, 400, $"Together with the site files these are no settings yet: {Sentences(read.Errors)}"));
        }

        return read;
    }

    private SectionStatus TakeSection(string name, long version, JsonNode value)
    {
        var errors = ErrorsOf(name, value);
        if (!errors.IsEmpty)
        {
            return new SectionStatus(version, 400, Sentences(errors));
        }

        var isSame = Good.TryGetValue(name, out var good) && JsonNode.DeepEquals(good.Value, value);
        Good = isSame ? Good : Good.SetItem(name, new GoodSection(version, value.DeepClone()));
        var unknown = Read(Good).UnknownKeys.Where(p => p.Origin == Origin && p.Section == name).ToImmutableArray();
        return new SectionStatus(isSame ? good!.Version : version, 200, Sentences(unknown));
    }

    /// <summary>What is wrong with a section beside the others, and was not before: what the site files have wrong themselves is not the twin's fault.</summary>
    private ImmutableArray<SettingsProblem> ErrorsOf(string name, JsonNode value)
    {
        var without = Read(Good.Remove(name)).Errors.Where(p => p.Section == name);
        var with = Read(Good.SetItem(name, new GoodSection(0, value))).Errors.Where(p => p.Section == name);
        return [.. with.Except(without)];
    }

    private SettingsReadResult Read(ImmutableSortedDictionary<string, GoodSection> sections)
    {
        var document = new JsonObject(sections.Select(s => KeyValuePair.Create<string, JsonNode?>(s.Key, s.Value.Value.DeepClone())));
        return SettingsReader.Read(site.Add(new SettingsLayer(JsonSerializer.SerializeToUtf8Bytes(document), Origin, IsTwin: true)));
    }

    /// <summary>Why nothing of the twin can be used; null when its sections can be looked at.</summary>
    private static SectionStatus? Refusal(JsonObject desired)
    {
        var bytes = Encoding.UTF8.GetByteCount(desired.ToJsonString());
        if (bytes > LargestDesired)
        {
            return new SectionStatus(0, 413, $"The desired properties have {bytes} bytes, more than {LargestDesired}; shorten them. Nothing of them is in force.");
        }

        return desired["schema"] is { } schema && !JsonNode.DeepEquals(schema, JsonValue.Create(1))
            ? new SectionStatus(0, 400, $"schema is {Short(schema.ToJsonString(), 40)}; this version reads schema 1. Nothing of the desired properties is in force.")
            : null;
    }

    /// <summary>Whether a section of this name can have a status of its own: the hub refuses the whole report for one name that it does not allow.</summary>
    private static bool CanBeReported(string name) =>
        !Reserved.Contains(name) && Encoding.UTF8.GetByteCount(name) <= LongestName && !name.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '.' or '$' or '#');

    private static string Sentences(ImmutableArray<SettingsProblem> problems) =>
        Short(string.Join(' ', problems.Select(p => p.Sentence)), LongestError);

    private static string Short(string text, int most) => text.Length <= most ? text : $"{text[..(char.IsHighSurrogate(text[most - 4]) ? most - 4 : most - 3)]}...";
}
