using System.Text;
using System.Text.Json.Nodes;
using Hubstand.Identities;
using Hubstand.Twins;

namespace Hubstand.Hub;

/// <summary>Twin reads and reported patches of clients, and the desired patches that they are sent.</summary>
internal sealed class TwinRequests(HubContext hub, EdgeTwins twins, ClientTable clients)
{
    private readonly Dictionary<IdentityName, JsonObject> heldBack = [];
    private readonly Lock ordering = new();

    /// <summary>Answers a GET.</summary>
    public void Get(Session session, string requestId)
    {
        if (Failed(session, requestId))
        {
            return;
        }

        hub.Counters.Count(HubEvent.TwinRead);
        Answer(session, 200, requestId, null, Utf8(twins.Read(session.Client.Name)));
    }

    /// <summary>Takes reported properties.</summary>
    public void Patch(Session session, string requestId, byte[] payload)
    {
        if (Failed(session, requestId))
        {
            return;
        }

        if (!TwinRules.TryRead(payload, out var patch, out var problem) || twins.PatchReported(session.Client.Name, patch) is not { } version)
        {
            hub.Counters.Count(HubEvent.ReportedRefused);
            hub.Log($"{session.Client.Name}: reported properties are refused: {problem ?? $"with what is there they exceed {TwinRules.LargestSection} bytes."}");
            Answer(session, 400, requestId, null, ErrorBody(400, problem ?? "The reported properties are too large."));
            return;
        }

        hub.Counters.Count(HubEvent.ReportedUpdated);

        // the hub states the new version, edgeHub does not
        Answer(session, 204, requestId, hub.Manifest is null ? version : null, []);
    }

    /// <summary>Tells the module of a desired change, if it listens and no fault is switched on.</summary>
    public void Announce(IdentityName name, JsonObject patch)
    {
        lock (ordering)
        {
            if (hub.Switches.Offline)
            {
                return;
            }

            if (hub.Switches.LoseDesired.Take())
            {
                hub.Counters.Count(HubEvent.DesiredLost);
                return;
            }

            if (!heldBack.ContainsKey(name) && hub.Switches.SwapDesired.Take())
            {
                heldBack[name] = patch;
                return;
            }

            Send(name, patch);
            if (heldBack.Remove(name, out var earlier))
            {
                Send(name, earlier);
            }
        }
    }

    /// <summary>The way to the cloud is open again: modules whose copy was old enough are told what they missed.</summary>
    public void BackOnline()
    {
        foreach (var (name, patch) in twins.BackOnline())
        {
            Publish(name, patch);
        }
    }

    private void Send(IdentityName name, JsonObject patch)
    {
        twins.Passed(name);
        Publish(name, patch);
    }

    private void Publish(IdentityName name, JsonObject patch)
    {
        var topic = $"$iothub/twin/PATCH/properties/desired/?$version={patch["$version"]}";
        var times = hub.Switches.RepeatDesired.Take() ? 2 : 1;
        for (var i = 0; i < times; i++)
        {
            if (clients.Of(name).Current?.TryPublish(SubscriptionKind.Desired, topic, Utf8(patch)) == true)
            {
                hub.Counters.Count(HubEvent.DesiredSent);
            }
        }
    }

    private bool Failed(Session session, string requestId)
    {
        if (hub.Switches.LoseTwinAnswers.Take())
        {
            return true;
        }

        if (!hub.Switches.FailTwinRequests.Take())
        {
            return false;
        }

        Answer(session, hub.Switches.TwinStatus, requestId, null, ErrorBody(hub.Switches.TwinStatus, "A switch of hubstand says so."));
        return true;
    }

    private byte[] ErrorBody(int status, string message) => hub.Switches.TwinErrorBodies
        ? Utf8(new JsonObject { ["errorCode"] = status * 1000, ["message"] = message, ["trackingId"] = Guid.NewGuid().ToString("N") })
        : [];

    private void Answer(Session session, int status, string requestId, long? version, byte[] body)
    {
        var topic = $"$iothub/twin/res/{status}/?$rid={requestId}{(version is null ? "" : $"&$version={version}")}";
        var times = hub.Switches.RepeatTwinAnswers.Take() ? 2 : 1;
        _ = AnswerAsync(session, topic, body, times, hub.Switches.TwinAnswerDelay);
    }

    private async Task AnswerAsync(Session session, string topic, byte[] body, int times, TimeSpan delay)
    {
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, hub.Clock, CancellationToken.None);
        }

        for (var i = 0; i < times; i++)
        {
            session.TryPublish(SubscriptionKind.TwinAnswers, topic, body);
        }
    }

    private static byte[] Utf8(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());
}
