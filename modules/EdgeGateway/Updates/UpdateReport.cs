using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Updates;

/// <summary>What is reported of updates, and listed for people (docs/formats/twin.md): short, as all that is reported has 8 KB.</summary>
internal sealed class UpdateReport(IEnumerable<SlotUpdater> slots, IEnumerable<KeyValuePair<string, StepOutcome>> waiting, UpdateParts parts)
{
    private const int LongestText = 240;
    private const int DigestShown = 12;

    /// <summary>The members of the reported properties.</summary>
    public IEnumerable<KeyValuePair<string, JsonNode?>> Members() =>
    [
        new("device", Device()),
        new("slots", Slots()),
        new("floors", parts.Trust.ToReported()),
    ];

    /// <summary>The slots, the root and the keys of groups.</summary>
    public JsonObject Slots()
    {
        var json = new JsonObject();
        var adapters = new JsonObject();
        foreach (var slot in slots.OrderBy(s => s.Id.Adapter, StringComparer.Ordinal))
        {
            if (slot.Id.Adapter is { } name)
            {
                adapters[name] = Of(slot);
            }
            else
            {
                json["model"] = Of(slot);
            }
        }

        json["adapters"] = adapters;
        json["root"] = parts.Trust.Current?.Root.Version ?? 0;
        var waits = waiting.Where(w => w.Value.End != StepEnd.Done).OrderBy(w => w.Key, StringComparer.Ordinal).Select(w => KeyValuePair.Create<string, JsonNode?>(w.Key, Of(w.Value))).ToList();
        if (waits.Count > 0)
        {
            json["waits"] = new JsonObject(waits);
        }

        return json;
    }

    /// <summary>The device key, and whether what is opened with it could come into a file.</summary>
    private JsonObject Device()
    {
        var json = parts.DeviceKey.Status.ToReported();
        json["memory"] = new JsonObject { ["dumps"] = parts.Memory.Dumps, ["diagnostics"] = parts.Memory.Diagnostics, ["swap"] = parts.Memory.Swap };
        if (parts.Host.Model?.IsLocked is { } isLocked)
        {
            json["memory"]!["locked"] = isLocked;
        }

        return json;
    }

    private static JsonObject Of(SlotUpdater slot)
    {
        var state = slot.State;
        var json = new JsonObject
        {
            ["state"] = state.Candidate is { } candidate ? StepName(candidate.Step) : !slot.Active.IsLoaded ? "loading" : !state.Confirmed ? StepName(UpdateStep.Confirm) : "settled",
            ["active"] = Of(state.Active),
        };
        if (state.Previous is not null)
        {
            json["previous"] = Of(state.Previous);
        }

        if (state.Candidate is { } coming)
        {
            json["candidate"] = new JsonObject { ["release"] = coming.Release, ["sha256"] = coming.Sha256[..DigestShown] };
            if (slot.Progress is { Total: > 0 } progress)
            {
                json["candidate"]!["percent"] = 10 * progress.Done / progress.Total * 10;
            }
        }

        if (slot.Waiting.End != StepEnd.Done)
        {
            json["waits"] = Of(slot.Waiting);
        }

        if (state.Refused is [.., var refused])
        {
            json["refused"] = new JsonObject { ["release"] = refused.Release, ["sha256"] = refused.Sha256[..DigestShown], ["code"] = refused.Code, ["error"] = Short(refused.Sentence) };
        }

        return json;
    }

    private static JsonObject Of(StepOutcome outcome) => new() { ["code"] = outcome.Code, ["error"] = Short(outcome.Sentence) };

    private static JsonNode Of(InstalledPackage? package) =>
        package is null ? "image" : new JsonObject { ["name"] = package.Name, ["release"] = package.Release, ["sha256"] = package.Sha256[..DigestShown] };

    private static string StepName(UpdateStep step) => step == UpdateStep.WarmUp ? "warm up" : step.ToString().ToLower(CultureInfo.InvariantCulture);

    private static string Short(string text) => text.Length <= LongestText ? text : text[..(LongestText - 3)] + "...";
}
