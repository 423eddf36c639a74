using System.Text;
using System.Text.RegularExpressions;
using EdgeGateway.Settings;

namespace EdgeGateway.Priming;

/// <summary>Where the readings of a sensor will come from: what a snapshot knows it by.</summary>
/// <param name="Topic">Topic of its messages, or the origin of an OPC UA data set (<see cref="OpcUaOrigin"/>).</param>
/// <param name="ValueName">Name of the value; "" when the payload is one number.</param>
internal readonly record struct SensorOrigin(string Topic, string ValueName)
{
    private const string Writer = "writer";
    private const string Publisher = "publisher";

    /// <summary>As long and as short as can be: the same texts come out where there is only one way to read something.</summary>
    private static readonly string[] Lengths = ["*", "*?"];

    /// <summary>Where a sensor of this id may come from by one source: nowhere when the id is not of its form, several when it can be read in more than one way. The topic is not looked at.</summary>
    public static IEnumerable<SensorOrigin> Of(string id, SourceSettings source) =>
        from part in Split(id, source)
        from topic in TopicIsAsset(source) ? [part.Asset] : Topics(part.Asset, source)
        select new SensorOrigin(topic, part.Value);

    /// <summary>Whether all that the topics of a source differ in stands in the ids of its sensors too; else no id tells from which topic it comes.</summary>
    public static bool IsToldById(SourceSettings source)
    {
        var isDataSet = source.Payload == PayloadForm.OpcUa;
        var needed = isDataSet ? source.Topic.Names.Append(Writer) : source.Topic.Names;
        return TopicIsAsset(source) || (!source.Topic.OpenEnd && !(isDataSet && source.Topic.Names.Contains(Writer)) && needed.All(name => Template(source).Contains($"{{{name}}}", StringComparison.Ordinal)));
    }

    /// <summary>The form of the ids that a source gives, for people.</summary>
    public static IEnumerable<string> Forms(SourceSettings source) =>
        source.Values is { } values ? values.Select(v => $"{Template(source)}/{v.Name}") : [source.AllValues ? $"{Template(source)}/NAME" : Template(source)];

    private static bool TopicIsAsset(SourceSettings source) => source is { Asset: null, Input: null, Payload: PayloadForm.Json };

    private static string Template(SourceSettings source) => source.Asset ?? (source.Payload == PayloadForm.OpcUa ? $"{{{Writer}}}" : source.Input ?? source.Topic.ToString());

    /// <summary>Asset and value of an id. Where every number of a payload is a value, its name is what stands behind the last slash.</summary>
    private static IEnumerable<(string Asset, string Value)> Split(string id, SourceSettings source)
    {
        if (source.AllValues)
        {
            return id.LastIndexOf('/') is var slash && slash >= 0 && slash < id.Length - 1 ? [(id[..slash], id[(slash + 1)..])] : [];
        }

        return source.Values is not { } values ? [(id, "")]
            : values.Where(v => id.EndsWith($"/{v.Name}", StringComparison.Ordinal)).Select(v => (id[..^(v.Name.Length + 1)], v.Name));
    }

    private static IEnumerable<string> Topics(string asset, SourceSettings source) =>
        IsToldById(source) ? Lengths.Select(length => TopicOf(asset, source, length)).OfType<string>().Distinct(StringComparer.Ordinal) : [];

    private static string? TopicOf(string asset, SourceSettings source, string length)
    {
        var pattern = new StringBuilder("^");
        foreach (var (literal, name) in TopicText.SplitTemplate(Template(source)))
        {
            pattern.Append(Regex.Escape(literal)).Append(name is null ? "" : $"(?<_{name}>{(source.Topic.Names.Contains(name) ? "[^/]" : ".")}{length})");
        }

        // without backtracking: the time does not depend on what the template looks like
        var read = Regex.Match(asset, pattern.Append('$').ToString(), RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
        if (!read.Success)
        {
            return null;
        }

        string Text(string name) => read.Groups[$"_{name}"].Value;
        var topic = string.Concat(TopicText.SplitTemplate(source.Topic.ToString()).Select(part => part.Literal + (part.Name is null ? "" : Text(part.Name))));
        return source.Payload == PayloadForm.Json ? topic : new OpcUaOrigin(topic, Text(Writer), OpcUaOrigin.NamesPublisher(source.Asset) ? Text(Publisher) : null).ToString();
    }
}
