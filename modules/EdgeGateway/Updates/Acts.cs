using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGateway.Storage;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Updates;

/// <summary>What an operator may ask for.</summary>
internal enum ActKind
{
    /// <summary>A release that is on this device.</summary>
    Activate,

    /// <summary>What was before.</summary>
    Rollback,

    /// <summary>What was refused, once more; what waits, at once.</summary>
    Retry,
}

/// <summary>What somebody at the device, the hub or the broker asks for.</summary>
/// <param name="Release">That is to judge; null with the other acts.</param>
internal sealed record OperatorAct(ActKind Kind, SlotId Slot, int? Release);

/// <summary>Acts that <c>EdgeGateway model</c> leaves in a folder for the gateway that runs or will run: one file each, taken in the order of their names.</summary>
internal sealed class Acts(string folder)
{
    /// <summary>In the folder of updates.</summary>
    public const string FolderName = "acts";

    private const int MostBytes = 4096;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <summary>Leaves one.</summary>
    /// <exception cref="StorageException">The disk does not take it.</exception>
    public void Leave(OperatorAct act, DateTimeOffset now)
    {
        Directory.CreateDirectory(folder);
        DurableFile.Replace(Path.Combine(folder, $"{now.UtcTicks:D20}.json"), JsonSerializer.SerializeToUtf8Bytes(new Form(act.Kind, act.Slot.ToString(), act.Release), Json));
    }

    /// <summary>Takes what was left; what is no act is removed.</summary>
    public void Take(Action<OperatorAct> take)
    {
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal) : Enumerable.Empty<string>();
        foreach (var file in files)
        {
            if (Read(file) is { } act)
            {
                take(act);
            }

            File.Delete(file);
        }
    }

    private static OperatorAct? Read(string file)
    {
        try
        {
            var form = JsonSerializer.Deserialize<Form>(DurableFile.Read(file, MostBytes), Json);
            return form is null ? null : new OperatorAct(form.Act, SlotId.Parse(form.Slot), form.Release);
        }
        catch (Exception e) when (e is JsonException or FormatException or StorageException { Fault: StorageFault.Damaged })
        {
            return null;
        }
    }

    private sealed record Form([property: JsonRequired] ActKind Act, [property: JsonRequired] string Slot, int? Release);
}
