namespace SensorSimulator.Publishing;

/// <summary>There is no connection to the broker; the message is a sentence that says what to do.</summary>
public sealed class BrokerException(string message, Exception? cause = null) : Exception(message, cause);
