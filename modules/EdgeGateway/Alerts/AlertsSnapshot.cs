using EdgeGateway.Stages;

namespace EdgeGateway.Alerts;

/// <summary>The Alerts stage's part of a snapshot: the scores of every asset and the newest alert of every condition.</summary>
internal static class AlertsSnapshot
{
    /// <summary>Name of the stage's part of a snapshot.</summary>
    public const string Section = "alerts";

    /// <summary>What the section begins with; those of older versions begin with the number of assets.</summary>
    private const int Form = -1;

    public static void Write(AlertRules rules, OpenSnapshot snapshot, string gateway)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write(Form);
        writer.Write(rules.Assets.Count);
        foreach (var (name, asset) in rules.Assets)
        {
            writer.Write(name);
            asset.WriteTo(writer);
        }

        writer.Write(rules.Conditions.Newest.Count);
        foreach (var alert in rules.Conditions.Newest)
        {
            var body = AlertJson.Write(alert, gateway);
            writer.Write(body.Length);
            writer.Write(body);
        }

        writer.Flush();
        snapshot.Append(Section, buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    public static void Restore(AlertRules rules, byte[] section)
    {
        using var reader = new BinaryReader(new MemoryStream(section));
        var first = reader.ReadInt32();
        var older = first != Form;
        for (var count = older ? first : reader.ReadInt32(); count > 0; count--)
        {
            rules.Assets[reader.ReadString()] = AssetScores.Read(reader, rules.Detection, older);
        }

        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            rules.Conditions.Set(AlertJson.Read(reader.ReadBytes(reader.ReadInt32())));
        }
    }
}
