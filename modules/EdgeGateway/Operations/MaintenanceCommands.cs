using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Windows;

namespace EdgeGateway.Operations;

/// <summary>What operators do with assets. Form of payloads and answers: docs/formats/commands.</summary>
internal sealed class MaintenanceCommands(GatewayState state, TimeProvider clock)
{
    private const int LongestAsset = 256;

    /// <summary>All of them.</summary>
    public IEnumerable<GatewayCommand> All() => [new("maintenance", ["asset", "by", "for"], RunAsync)];

    private async Task<CommandAnswer> RunAsync(CommandRequest request, CancellationToken token)
    {
        if (request.Text("asset", LongestAsset) is not { } asset || request.Text("by") is not { } by)
        {
            return CommandAnswer.Refused(400, $"asset or by is missing or no text of 1 to {LongestAsset} or {CommandRequest.LongestName} characters; send {{ \"asset\": \"line-1/pump-1\", \"by\": \"your name\", \"for\": \"02:00:00\" }}.");
        }

        if (!TimeSpan.TryParseExact(request.Text("for"), "c", CultureInfo.InvariantCulture, out var time) || time < TimeSpan.Zero || time > MaintenanceCommand.Longest)
        {
            return CommandAnswer.Refused(400, $"for is missing or no time of up to {MaintenanceCommand.Longest.TotalDays} days; send {{ \"for\": \"02:00:00\" }} with the others, or \"00:00:00\" for the end.");
        }

        if (state.Running is not { } running)
        {
            return CommandAnswer.NotRunning;
        }

        var answer = new TaskCompletionSource<MaintenanceResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        return await running.AskAsync(new MaintenanceCommand(asset, by, clock.GetUtcNow(), time, answer), answer.Task, clock, token) is not { } result ? CommandAnswer.TooBusy
            : result.Status != 200 ? CommandAnswer.Refused(result.Status, result.Sentence)
            : CommandAnswer.Ok(Answer(asset, result.Until));
    }

    private static JsonObject Answer(string asset, DateTimeOffset? until)
    {
        var answer = new JsonObject { ["asset"] = asset, ["outOfService"] = until is not null };
        if (until is { } time)
        {
            answer["outOfServiceUntil"] = time.UtcDateTime;
        }

        return answer;
    }
}
