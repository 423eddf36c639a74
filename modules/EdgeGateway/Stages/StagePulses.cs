namespace EdgeGateway.Stages;

/// <summary>Shows to another thread whether a stage gets on: it counts what it takes up, and is busy until it is done with it.</summary>
internal sealed class StagePulse(string name)
{
    private long taken;
    private volatile bool isBusy;

    /// <summary>Name of the stage.</summary>
    public string Name => name;

    /// <summary>What it has taken up so far.</summary>
    public long Taken => Interlocked.Read(ref taken);

    /// <summary>Whether it has something in its hands, or waits for the next stage to take it.</summary>
    public bool IsBusy => isBusy;

    /// <summary>It takes something up.</summary>
    public void Begin()
    {
        Interlocked.Increment(ref taken);
        isBusy = true;
    }

    /// <summary>It is done with it.</summary>
    public void End() => isBusy = false;
}

/// <summary>The pulses of all stages.</summary>
internal sealed class StagePulses
{
    /// <summary>Of the Ingest stage.</summary>
    public StagePulse Ingest { get; } = new("Ingest");

    /// <summary>Of the Windows stage.</summary>
    public StagePulse Windows { get; } = new("Windows");

    /// <summary>Of the Prompts stage.</summary>
    public StagePulse Prompts { get; } = new("Prompts");

    /// <summary>Of the Verdicts stage.</summary>
    public StagePulse Verdicts { get; } = new("Verdicts");

    /// <summary>Of the Alerts stage.</summary>
    public StagePulse Alerts { get; } = new("Alerts");

    /// <summary>Of the Delivery stage.</summary>
    public StagePulse Delivery { get; } = new("Delivery");

    /// <summary>
    /// The last of the stages that are busy; null when all wait for work. One before it may be held up by it, but nothing behind it holds it up: if it does not get on, it hangs.
    /// </summary>
    public StagePulse? LastBusy => Array.FindLast([Ingest, Windows, Prompts, Verdicts, Alerts, Delivery], pulse => pulse.IsBusy);
}
