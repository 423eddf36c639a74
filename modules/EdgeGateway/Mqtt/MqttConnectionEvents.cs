namespace EdgeGateway.Mqtt;

/// <summary>What the owner of a connection does at its turns.</summary>
/// <param name="Accepted">Told of each connect, before the first message of it, whether the broker kept our session.</param>
/// <param name="Connected">Runs after each connect; when it throws, the connection is lost and made again.</param>
/// <param name="Lost">Told the reason after each loss of an accepted connection.</param>
/// <param name="Closing">Runs at the end, while still connected.</param>
internal sealed record MqttConnectionEvents(Action<bool> Accepted, Func<CancellationToken, Task> Connected, Func<string, Task> Lost, Func<CancellationToken, Task> Closing)
{
    /// <summary>What is under way over the connection, for the sentence about its end; empty when nothing is.</summary>
    public Func<string> Doing { get; init; } = () => "";

    /// <summary>Told each cause that is logged.</summary>
    public Action<string> Trouble { get; init; } = _ => { };
}
