using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace EdgeGateway.Scenarios.Harness;

/// <summary>A real mosquitto_sub that listens to what a gateway publishes.</summary>
internal sealed class Subscriber : IDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<(string Topic, string Payload)> messages = new();

    private readonly string gateway;

    public Subscriber(int port, string gateway)
    {
        this.gateway = gateway;

        // the demo's broker gives nobody a name
        process = Tool.Start(Tool.Require("mosquitto_sub"), ["-i", $"subscriber-{Guid.NewGuid():N}", "-h", "127.0.0.1", "-p", $"{port}", "-q", "1", "-t", $"edgegateway/{gateway}/#", "-F", "%t %p"]);
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
    }

    /// <summary>A topic whose retained message tells that the subscription is in force.</summary>
    public static string Mark(string gateway) => $"edgegateway/{gateway}/test-mark";

    /// <summary>Every message so far.</summary>
    public IReadOnlyCollection<(string Topic, string Payload)> Messages => messages;

    /// <summary>The newest message of a topic; null before the first.</summary>
    public string? Newest(string topic) => messages.LastOrDefault(m => m.Topic == topic).Payload;

    /// <summary>The newest status; empty before the first.</summary>
    public string Status => Newest($"edgegateway/{gateway}/status") ?? "";

    /// <summary>What the newest status counts under a name, all reasons together.</summary>
    public long Counter(string name)
    {
        using var document = JsonDocument.Parse(Status);
        return document.RootElement.GetProperty("counters").EnumerateObject()
            .Where(c => c.Name == name || c.Name.StartsWith($"{name}.", StringComparison.Ordinal))
            .Sum(c => c.Value.GetInt64());
    }

    /// <summary>All alert transitions of the topic <c>events</c> so far.</summary>
    public IReadOnlyList<SeenTransition> Transitions() =>
        [.. messages.Where(m => m.Topic.EndsWith("/events", StringComparison.Ordinal)).Select(m => SeenTransition.Parse(m.Payload))];

    /// <inheritdoc/>
    public void Dispose()
    {
        process.Kill();
        process.Dispose();
    }

    private void Add(string? line)
    {
        if (line?.IndexOf(' ', StringComparison.Ordinal) is { } space && space >= 0)
        {
            messages.Enqueue((line[..space], line[(space + 1)..]));
        }
    }
}

/// <summary>What matters of one published transition.</summary>
internal sealed record SeenTransition(string AlertId, int Sequence, string Transition, string Family, string Kind, string Subject, string Source, string? Reason)
{
    public static SeenTransition Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var data = document.RootElement.GetProperty("data");
        return new SeenTransition(
            data.GetProperty("alertId").GetString()!, data.GetProperty("sequence").GetInt32(), data.GetProperty("transition").GetString()!,
            data.GetProperty("family").GetString()!, data.GetProperty("kind").GetString()!, document.RootElement.GetProperty("subject").GetString()!,
            document.RootElement.GetProperty("source").GetString()!, data.TryGetProperty("reason", out var reason) ? reason.GetString() : null);
    }
}
