using EdgeGateway.Stages;

namespace EdgeGateway.Ingest;

/// <summary>One parsed value of one sensor.</summary>
/// <param name="Time">Event time, UTC.</param>
/// <param name="Value">In the sensor's unit; NaN = the sensor said that it has no value (a missing sample).</param>
/// <param name="ReceivedAt">When the payload arrived; equals <paramref name="Time"/> in a replay.</param>
/// <param name="ClockStep">The sensor's clock was set back before this reading: a new window begins.</param>
/// <param name="LastOfMessage">The payload holds no further reading of this hop of the asset: it is complete. A payload of OPC UA may hold further hops.</param>
internal readonly record struct SensorReading(Sensor Sensor, DateTimeOffset Time, double Value, DateTimeOffset ReceivedAt, bool ClockStep, bool LastOfMessage);

/// <summary>A sensor was not seen for so long that nothing is kept of it any more.</summary>
internal sealed record SensorForgotten(Sensor Sensor, DateTimeOffset At) : StageEvent;

/// <summary>Why a reading was not taken. Each is a label of the counter <c>rejected</c>.</summary>
public enum RejectReason
{
    /// <summary>The payload has not the form that the source says: JSON or a number, or messages of OPC UA.</summary>
    Malformed,

    /// <summary>A text, object or truth value stands where a number belongs.</summary>
    NotANumber,

    /// <summary>NaN, infinite, or too large for a double.</summary>
    NotFinite,

    /// <summary>The payload is larger than bounds.messageBytes.</summary>
    Size,

    /// <summary>The topic matches no source.</summary>
    Topic,

    /// <summary>No mapped value is in the payload, or in a whole data set of it.</summary>
    NoValue,

    /// <summary>The event time is missing, unreadable or before the year 2000.</summary>
    Time,

    /// <summary>The event time is more than five minutes ahead of our clock.</summary>
    Future,

    /// <summary>Another topic has this sensor id already.</summary>
    Collision,

    /// <summary>bounds.sensors is reached.</summary>
    Bounds,

    /// <summary>The id or the topic is longer than 256 characters, or the id has control characters.</summary>
    Name,
}
