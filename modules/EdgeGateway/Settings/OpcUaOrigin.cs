using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace EdgeGateway.Settings;

/// <summary>
/// Where the readings of one OPC UA data set come from: topic, data set writer and, where the source's asset is named by it, publisher. As one text it stands where a topic
/// stands for other payloads: in the registry of sensors, in snapshots and in the journal.
/// </summary>
/// <param name="Writer">Name of the data set writer; what a message without one is called by.</param>
/// <param name="Publisher">Null when the asset does not name it: a publisher's id may change with a restart.</param>
internal readonly record struct OpcUaOrigin(string Topic, string Writer, string? Publisher)
{
    /// <summary>What an asset template may name besides the levels of the topic.</summary>
    public static readonly ImmutableArray<string> Names = ["writer", "publisher"];

    /// <summary>No topic has it (MQTT 5 section 1.5.4).</summary>
    private const char Separator = '\0';

    /// <summary>Whether its text can be read again: nothing in it looks like the end of a part.</summary>
    public bool IsSound => !Topic.Contains(Separator) && !Writer.Contains(Separator) && Publisher?.Contains(Separator) != true;

    /// <summary>The text of the origin.</summary>
    public override string ToString() => Publisher is null ? $"{Topic}{Separator}{Writer}" : $"{Topic}{Separator}{Writer}{Separator}{Publisher}";

    /// <summary>Reads the text of an origin; false for the topic of a message.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out OpcUaOrigin? origin)
    {
        origin = text.Contains(Separator) ? Parse(text.Split(Separator)) : null;
        return origin is not null;
    }

    /// <summary>The asset of the readings.</summary>
    /// <param name="topic">A pattern that the topic matches.</param>
    /// <param name="template">Null: the writer's name.</param>
    public string Asset(TopicPattern topic, string? template)
    {
        var (writer, publisher) = (Writer, Publisher);
        return template is null ? writer : topic.Expand(template, Topic, name => name == Names[0] ? writer : publisher ?? "");
    }

    /// <summary>Whether an asset is named by the publisher too, so that the origin has one.</summary>
    public static bool NamesPublisher(string? template) => template?.Contains($"{{{Names[1]}}}", StringComparison.Ordinal) == true;

    private static OpcUaOrigin? Parse(string[] parts) => parts switch
    {
        [var topic, var writer] => new OpcUaOrigin(topic, writer, null),
        [var topic, var writer, var publisher] => new OpcUaOrigin(topic, writer, publisher),
        _ => null,
    };
}
