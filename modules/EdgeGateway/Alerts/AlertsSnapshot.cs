using EdgeGateway.Stages;

namespace EdgeGateway.Alerts;

/// <summary>The Alerts stage's part of a snapshot: the scores of every asset and what is known of every condition.</summary>
internal static class AlertsSnapshot
{
    /// <summary>Name of the stage's part of a snapshot.</summary>
    public const string Section = "alerts";

    /// <summary>What the section begins with. The form before held the newest alert of a condition alone; those of older versions begin with the number of assets.</summary>
    private const int Form = -2;
    private const int FormBefore = -1;

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

        var conditions = rules.LifeCycle.Conditions.All;
        writer.Write(conditions.Count);
        foreach (var condition in conditions)
        {
            Write(writer, condition, gateway);
        }

        writer.Flush();
        snapshot.Append(Section, buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    public static void Restore(AlertRules rules, byte[] section)
    {
        using var reader = new BinaryReader(new MemoryStream(section));
        var first = reader.ReadInt32();
        var older = first is not (Form or FormBefore);
        for (var count = older ? first : reader.ReadInt32(); count > 0; count--)
        {
            rules.Assets[reader.ReadString()] = AssetScores.Read(reader, rules.Detection, older);
        }

        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            if (first == Form)
            {
                Read(reader, rules.LifeCycle.Conditions);
            }
            else
            {
                rules.LifeCycle.Conditions.Adopt(AlertJson.Read(reader.ReadBytes(reader.ReadInt32())));
            }
        }

        rules.LifeCycle.Resume();
    }

    private static void Write(BinaryWriter writer, Condition condition, string gateway)
    {
        writer.Write(condition.Subject);
        writer.Write(condition.Family);
        Write(writer, condition.Newest, gateway);
        Write(writer, condition.Held?.Alert, gateway);
        writer.Write((int)(condition.Held?.Reason ?? default));
        writer.Write(condition.QuietSince?.UtcTicks ?? 0);
        writer.Write(condition.IdTime.UtcTicks);
        writer.Write(condition.Raises.Count);
        foreach (var raise in condition.Raises)
        {
            writer.Write(raise.UtcTicks);
        }
    }

    private static void Write(BinaryWriter writer, Alert? alert, string gateway)
    {
        var body = alert is null ? [] : AlertJson.Write(alert, gateway);
        writer.Write(body.Length);
        writer.Write(body);
    }

    private static void Read(BinaryReader reader, ConditionBook conditions)
    {
        var condition = conditions.Of(reader.ReadString(), reader.ReadString());
        condition.Newest = ReadAlert(reader);
        var held = ReadAlert(reader);
        var reason = (Hold)reader.ReadInt32();
        condition.Held = held is null ? null : new HeldRaise(held, reason);
        condition.QuietSince = reader.ReadInt64() is var quiet and > 0 ? new DateTimeOffset(quiet, TimeSpan.Zero) : null;
        condition.IdTime = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            condition.CountRaise(new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero));
        }
    }

    private static Alert? ReadAlert(BinaryReader reader) => reader.ReadInt32() is var length and > 0 ? AlertJson.Read(reader.ReadBytes(length)) : null;
}
