namespace EdgeGateway.Settings;

/// <summary>A JSON pointer (RFC 6901) into a payload.</summary>
public sealed class JsonPointer;
