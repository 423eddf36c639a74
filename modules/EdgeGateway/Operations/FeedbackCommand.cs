using System.Text.Json.Nodes;
using EdgeGateway.Storage;

namespace EdgeGateway.Operations;

/// <summary>
/// What people say of alerts: the command <c>feedback</c>. It changes no alert and goes nowhere but into the store. At most 120 at once and two a minute on end: so much people give, a program that
/// runs wild gives more.
/// </summary>
internal sealed class FeedbackCommand(GatewayState state, TimeProvider clock)
{
    private const int LongestNote = 500;
    private const double Burst = 120;
    private const double PerMinute = 2;

    private readonly Lock gate = new();
    private double left = Burst;
    private long at = clock.GetTimestamp();

    /// <summary>The command.</summary>
    public GatewayCommand Command => new("feedback", ["alertId", "by", "verdict", "note"], (request, _) => Task.FromResult(Run(request)));

    private CommandAnswer Run(CommandRequest request)
    {
        var note = request.Payload["note"] is null ? "" : request.Text("note", LongestNote);
        if (request.Text("alertId") is not { } alertId || request.Text("by") is not { } by
            || request.Text("verdict") is not (AlertFeedback.True or AlertFeedback.False or AlertFeedback.Unsure) || note is null)
        {
            return CommandAnswer.Refused(
                400, $"alertId, by or verdict is missing, verdict is none of \"true\", \"false\", \"unsure\", or note is no text of 1 to {LongestNote} characters; send {{ \"alertId\": \"abcdefghij2345672345\", \"by\": \"your name\", \"verdict\": \"true\" }}.");
        }

        if (state.Running is not { } running)
        {
            return CommandAnswer.NotRunning;
        }

        if (!Take())
        {
            state.Accounting.Of("feedback.refused", reason: "flood").Add();
            return CommandAnswer.Refused(429, $"More feedback came than people give ({Burst} at once, {PerMinute} a minute on end); this one was not kept, send it again in some minutes.");
        }

        var feedback = new AlertFeedback(alertId, clock.GetUtcNow(), by, (string)request.Payload["verdict"]!, note);
        return running.Store.AddFeedback(feedback)
            ? CommandAnswer.Ok(new JsonObject { ["alertId"] = alertId, ["verdict"] = feedback.Verdict, ["by"] = by, ["time"] = feedback.At })
            : CommandAnswer.Refused(404, $"There is no alert {alertId}: its id is wrong, or it ended more than 30 days ago.");
    }

    private bool Take()
    {
        lock (gate)
        {
            var now = clock.GetTimestamp();
            left = Math.Min(Burst, left + (PerMinute * clock.GetElapsedTime(at, now).TotalMinutes));
            at = now;
            if (left < 1)
            {
                return false;
            }

            left--;
            return true;
        }
    }
}
