namespace Hubstand.Hub;

/// <summary>
/// Faults that can be switched on while the stand-in runs. Each is a behaviour of the real hub, edgeHub or runtime. A number of "next" things counts down to zero.
/// </summary>
public sealed class Switches
{
    /// <summary>PUBACKs that are not sent for the next messages; the messages count as received.</summary>
    public Countdown LosePubAcks { get; set; } = 0;

    /// <summary>How long a PUBACK is held back: throttling by "traffic shaping".</summary>
    public TimeSpan PubAckDelay { get; set; }

    /// <summary>How long CONNACK is held back; up to 60 s are normal under throttling.</summary>
    public TimeSpan ConnackDelay { get; set; }

    /// <summary>How many of the next connects are refused.</summary>
    public Countdown RefuseConnects { get; set; } = 0;

    /// <summary>The refusal's return code: 3 or 5.</summary>
    public int RefuseCode { get; set; } = 5;

    /// <summary>The next connects find their kept session gone, as after a restart of edgeHub that lost its store: no subscriptions.</summary>
    public Countdown ForgetSessions { get; set; } = 0;

    /// <summary>A topic filter that is refused (SUBACK 0x80); empty: none.</summary>
    public string RefuseFilter { get; set; } = "";

    /// <summary>How long a SUBACK is held back, and with it the subscription; what comes meanwhile is answered to nobody.</summary>
    public TimeSpan SubAckDelay { get; set; }

    /// <summary>How many times more an input is sent at once: duplicates happen.</summary>
    public Countdown RepeatInputs { get; set; } = 0;

    /// <summary>Every connection is closed, new ones too: the server is restarting or away.</summary>
    public bool Down
    {
        get;
        set
        {
            field = value;
            Changed();
        }
    }

    /// <summary>edgeHub has no way to the cloud: telemetry is stored, twins come from its last copy, reported changes are pushed later.</summary>
    public bool Offline
    {
        get;
        set
        {
            field = value;
            Changed();
        }
    }

    /// <summary>A twin GET answers 200 with empty desired and no $version: edgeHub is offline and stored none.</summary>
    public bool EmptyTwin { get; set; }

    /// <summary>Desired patches that are not sent: the version shows a gap.</summary>
    public Countdown LoseDesired { get; set; } = 0;

    /// <summary>Desired patches that are sent twice.</summary>
    public Countdown RepeatDesired { get; set; } = 0;

    /// <summary>Desired patches that are sent only after the one that follows them.</summary>
    public Countdown SwapDesired { get; set; } = 0;

    /// <summary>Twin requests that are answered with <see cref="TwinStatus"/>.</summary>
    public Countdown FailTwinRequests { get; set; } = 0;

    /// <summary>Status of failed twin requests: 400, 429 or 500.</summary>
    public int TwinStatus { get; set; } = 429;

    /// <summary>Twin errors carry JSON as the hub's do; otherwise their body is empty as edgeHub's.</summary>
    public bool TwinErrorBodies { get; set; }

    /// <summary>Twin requests that are never answered.</summary>
    public Countdown LoseTwinAnswers { get; set; } = 0;

    /// <summary>Twin answers that are sent twice.</summary>
    public Countdown RepeatTwinAnswers { get; set; } = 0;

    /// <summary>How long twin answers are held back.</summary>
    public TimeSpan TwinAnswerDelay { get; set; }

    /// <summary>Method requests that do not reach the module: the caller gets 504.</summary>
    public Countdown LoseMethods { get; set; } = 0;

    /// <summary>Method requests that are delivered twice under one request id.</summary>
    public Countdown RepeatMethods { get; set; } = 0;

    /// <summary>Called after <see cref="Down"/> or <see cref="Offline"/> was set.</summary>
    internal Action Changed { get; set; } = () => { };
}
