namespace EdgeGateway.Updates.Slots;

/// <summary>
/// Counts loads of a package that ended with the process: three of them in one boot of the machine within ten minutes are the package's fault. A power cut begins a new boot and counts
/// for nothing, and so does a process that was stopped.
/// </summary>
/// <param name="machine">Which boot it is, and how long the machine is up.</param>
internal sealed class StartWatch(SlotsFile slots, Func<(string Boot, TimeSpan Uptime)> machine)
{
    /// <summary>Deaths that are one too many.</summary>
    public const int Most = 3;

    private static readonly TimeSpan Within = TimeSpan.FromMinutes(10);
    private readonly HashSet<(SlotId, string)> ours = [];
    private readonly Lock gate = new();

    /// <summary>This machine.</summary>
    public static (string Boot, TimeSpan Uptime) ThisMachine()
    {
        const string BootId = "/proc/sys/kernel/random/boot_id";
        var uptime = TimeSpan.FromMilliseconds(Environment.TickCount64);
        return (File.Exists(BootId) ? File.ReadAllText(BootId).Trim() : "", uptime);
    }

    /// <summary>Whether the package took the process with it too often.</summary>
    public bool TookTooMany(SlotId slot, string sha256)
    {
        var (boot, uptime) = machine();
        return slots[slot].Starts.Count(s => s.Sha256 == sha256 && s.Boot == boot && uptime - s.Uptime <= Within) >= Most;
    }

    /// <summary>A package is about to be loaded; told once for each process and package.</summary>
    public void Began(SlotId slot, string sha256)
    {
        lock (gate)
        {
            if (!ours.Contains((slot, sha256)))
            {
                var (boot, uptime) = machine();
                slots.Change(slot, state => state with { Starts = [.. state.Starts.Where(s => s.Boot == boot && uptime - s.Uptime <= Within), new StartAttempt(sha256, boot, uptime)] });

                // told again where the disk did not take it
                ours.Add((slot, sha256));
            }
        }
    }

    /// <summary>It gave a verdict, or was let go in order.</summary>
    public void EndedWell(SlotId slot, string sha256)
    {
        lock (gate)
        {
            ours.Remove((slot, sha256));
            if (slots[slot].Starts.Any(s => s.Sha256 == sha256))
            {
                slots.Change(slot, state => state with { Starts = state.Starts.RemoveAll(s => s.Sha256 == sha256) });
            }
        }
    }

    /// <summary>The process ends in order: what it was loading is not to blame.</summary>
    public void Stop()
    {
        lock (gate)
        {
            foreach (var (slot, sha256) in ours.ToList())
            {
                EndedWell(slot, sha256);
            }
        }
    }
}
