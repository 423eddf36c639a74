using System.Globalization;
using System.Runtime.InteropServices;
using EdgeGateway.Stages;

namespace EdgeGateway.Operations;

/// <summary>
/// Ends a process that hangs, for IoT Edge restarts only what exits: when a stage does not get on with what it has in its hands, or the pool of threads gives no turn. It has a thread of its own, which
/// needs nothing that could hang with the rest.
/// </summary>
internal sealed class Watchdog(GatewayState state, TimeProvider clock) : IDisposable
{
    /// <summary>How long nothing may move: more than the longest verdict of a large model, a checkpoint on a slow disk.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Who has not looked for so long was stopped with the whole process (SIGSTOP, a container that was paused), and that is no hang.</summary>
    private static readonly TimeSpan Paused = TimeSpan.FromMinutes(1);
    private readonly ManualResetEventSlim ending = new();
    private ITimer? turns;
    private long lastTurn = clock.GetTimestamp();
    private (StagePulse? Pulse, long Taken) seen;
    private long seenSince = clock.GetTimestamp();
    private long lastLook = clock.GetTimestamp();

    /// <summary>What hangs, one sentence; empty while nothing does.</summary>
    public string Complaint { get; private set; } = "";

    /// <summary>Begins to watch.</summary>
    /// <param name="bite">Called once, from the watchdog's thread, with what hangs; <see cref="End"/> unless a test says otherwise.</param>
    public void Start(Action<string> bite)
    {
        turns = clock.CreateTimer(_ => Turn(), null, TimeSpan.Zero, Interval);
        new Thread(() => Watch(bite)) { IsBackground = true, Name = "watchdog" }.Start();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ending.Set();
        turns?.Dispose();
    }

    /// <summary>Says what hangs and ends the process at once, with the code of a fault: whatever hangs is not waited for.</summary>
    public static void End(string complaint)
    {
        Console.Error.WriteLine(complaint);
        if (OperatingSystem.IsWindows())
        {
            Environment.FailFast(complaint);
        }

        EndAtOnce(1);
    }

    /// <summary>A thread of the pool had its turn.</summary>
    internal void Turn() => Interlocked.Exchange(ref lastTurn, clock.GetTimestamp());

    /// <summary>Looks once.</summary>
    internal string Look()
    {
        if (clock.GetElapsedTime(lastLook) > Paused)
        {
            (seen, seenSince) = (default, clock.GetTimestamp());
            Turn();
        }

        lastLook = clock.GetTimestamp();
        var last = state.Running is { IsWaitingForDisk: false } running ? running.Pulses.LastBusy : null;
        if ((last, last?.Taken ?? 0) != seen)
        {
            (seen, seenSince) = ((last, last?.Taken ?? 0), clock.GetTimestamp());
        }

        var (stuck, starved) = (clock.GetElapsedTime(seenSince), clock.GetElapsedTime(Interlocked.Read(ref lastTurn)));
        Complaint = last is not null && stuck >= Limit ? Sentence($"The stage {last.Name} has not got on for {stuck.TotalMinutes:f0} minutes")
            : starved >= Limit ? Sentence($"No thread of the pool has had a turn for {starved.TotalMinutes:f0} minutes") : "";
        return Complaint;
    }

    private static string Sentence(FormattableString what) => what.ToString(CultureInfo.InvariantCulture) + ": the process hangs and is ended, to be started anew; send its log to the makers.";

    private void Watch(Action<string> bite)
    {
        while (!ending.Wait(Interval))
        {
            if (Look() is { Length: > 0 } complaint)
            {
                bite(complaint);
                return;
            }
        }
    }

    /// <summary>exit_group(2): no handler runs that could hang.</summary>
    [DllImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern void EndAtOnce(int code);
}
