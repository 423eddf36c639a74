namespace EdgeGateway.Settings;

/// <summary>A topic filter with named levels: plant/{line}/pump/{pump}.</summary>
public sealed class TopicPattern;
