using System.Text.Json.Nodes;
using EdgeGateway.Updates;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Operations;

/// <summary>The commands about models and adapters. Form of payloads and answers: docs/formats/commands.</summary>
internal sealed class UpdateCommands(UpdateWorker updates)
{
    private const string AdapterHint = "adapter is no text of 1 to 64 characters; leave it out for the model";

    /// <summary>All of them.</summary>
    public IEnumerable<GatewayCommand> All() =>
    [
        new("models", [], (_, _) => Task.FromResult(Answer())),
        new("activate", ["adapter", "release"], (request, _) => Task.FromResult(Activate(request))),
        new("rollback", ["adapter"], (request, _) => Task.FromResult(Do(request, ActKind.Rollback, null))),
        new("retry", ["adapter"], (request, _) => Task.FromResult(Do(request, ActKind.Retry, null))),
    ];

    private CommandAnswer Answer() => CommandAnswer.Ok(new JsonObject(updates.Report.Members()));

    private CommandAnswer Activate(CommandRequest request) =>
        request.Payload["release"] is JsonValue value && value.TryGetValue(out int release) && release > 0 ? Do(request, ActKind.Activate, release)
            : CommandAnswer.Refused(400, "release is missing or no whole number from 1 on; send { \"release\": 3 }, and \"adapter\" with the name of one unless the model is meant.");

    private CommandAnswer Do(CommandRequest request, ActKind kind, int? release)
    {
        if (request.Payload.ContainsKey("adapter") && request.Text("adapter", most: 64) is null)
        {
            return CommandAnswer.Refused(400, $"{AdapterHint}.");
        }

        return updates.Do(new OperatorAct(kind, new SlotId(request.Text("adapter", most: 64)), release)) is { } refused
            ? CommandAnswer.Refused(refused.Status, refused.Sentence)
            : Answer();
    }
}
