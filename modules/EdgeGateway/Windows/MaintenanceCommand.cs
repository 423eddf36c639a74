using EdgeGateway.Stages;

namespace EdgeGateway.Windows;

/// <summary>What became of a command.</summary>
/// <param name="Status">As in HTTP.</param>
/// <param name="Sentence">Why it was refused; "" when it was carried out.</param>
/// <param name="Until">Until when the asset is out of service now; null when it is in service.</param>
internal sealed record MaintenanceResult(int Status, string Sentence, DateTimeOffset? Until = null);

/// <summary>
/// Somebody takes an asset out of service or says that it is back. It goes the way of the readings, so that every window is on one side of it, and is answered once what
/// follows is in the outbox.
/// </summary>
/// <param name="By">Who gives it.</param>
/// <param name="At">When, our clock.</param>
/// <param name="For">How long from then on, up to <see cref="Longest"/>; zero: no longer.</param>
internal sealed record MaintenanceCommand(string Asset, string By, DateTimeOffset At, TimeSpan For, TaskCompletionSource<MaintenanceResult> Answer) : StageCommand
{
    /// <summary>The longest that a command may take an asset out of service; again is allowed.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>What became of it; set when it has passed the Windows stage.</summary>
    public MaintenanceResult? Result { get; set; }

    /// <inheritdoc/>
    public override void Answered() => Answer.TrySetResult(Result!);
}
