namespace EdgeGateway.Hub;

/// <summary>
/// What is never sent, because the hub would not take it: edgeHub closes the connection above 256 KB a packet and acknowledges and drops what has more in body and properties. Both
/// are kept well below.
/// </summary>
internal static class HubLimits
{
    private const int LargestMessage = 240 << 10;
    private const int LongestTopic = 65_535;

    /// <summary>Checks a message before it is sent.</summary>
    /// <param name="topic">With the properties.</param>
    /// <exception cref="HubException">It is too large.</exception>
    public static void Check(string topic, ReadOnlyMemory<byte> body)
    {
        var topicBytes = HubTopics.BytesOf(topic);
        if (topicBytes > LongestTopic || topicBytes + body.Length > LargestMessage)
        {
            throw new HubException(HubFault.TooLarge, $"the message has {body.Length} bytes and {topicBytes} of properties and topic; at most {LargestMessage} are possible, {LongestTopic} of them without the body");
        }
    }
}
