namespace EdgeGateway.Soak.Harness;

/// <summary>A measurement is not possible; the message is a sentence that says what to do.</summary>
internal sealed class SoakException(string message) : Exception(message);
