using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Alerts;

namespace EdgeGateway.Operations;

/// <summary>What operators do with alerts. Form of payloads and answers: docs/formats/commands.</summary>
internal sealed class AlertCommands(GatewayState state, TimeProvider clock)
{
    /// <summary>All of them.</summary>
    public IEnumerable<GatewayCommand> All() =>
    [
        new("acknowledge", ["alertId", "by"], (request, token) => RunAsync(AlertAction.Acknowledge, request, until: null, token)),
        new("shelve", ["alertId", "by", "for"], ShelveAsync),
        new("unshelve", ["alertId", "by"], (request, token) => RunAsync(AlertAction.Unshelve, request, until: null, token)),
        new FeedbackCommand(state, clock).Command,
    ];

    private Task<CommandAnswer> ShelveAsync(CommandRequest request, CancellationToken token) =>
        TimeSpan.TryParseExact(request.Text("for"), "c", CultureInfo.InvariantCulture, out var time) && time > TimeSpan.Zero && time <= AlertCommand.LongestShelf
            ? RunAsync(AlertAction.Shelve, request, clock.GetUtcNow() + time, token)
            : Task.FromResult(CommandAnswer.Refused(400, $"for is missing or no time of up to {AlertCommand.LongestShelf.TotalHours} hours; send {{ \"for\": \"02:00:00\" }} with the others."));

    private async Task<CommandAnswer> RunAsync(AlertAction action, CommandRequest request, DateTimeOffset? until, CancellationToken token)
    {
        if (request.Text("alertId") is not { } alertId || request.Text("by") is not { } by)
        {
            return CommandAnswer.Refused(400, $"alertId or by is missing or no text of 1 to {CommandRequest.LongestName} characters; send {{ \"alertId\": \"abcdefghij2345672345\", \"by\": \"your name\" }}.");
        }

        if (state.Running is not { } running)
        {
            return CommandAnswer.NotRunning;
        }

        var answer = new TaskCompletionSource<AlertCommandResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var command = new AlertCommand(action, alertId, by, clock.GetUtcNow(), until, request.IsLocal, answer);
        return await running.AskAsync(command, answer.Task, clock, token) is not { } result ? CommandAnswer.TooBusy
            : result.Alert is not { } alert ? CommandAnswer.Refused(result.Status, result.Sentence)
            : CommandAnswer.Ok(JsonNode.Parse(AlertJson.Write(alert, running.Settings.Gateway))!);
    }
}
