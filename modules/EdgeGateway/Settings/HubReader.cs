namespace EdgeGateway.Settings;

/// <summary>Reads the section "hub".</summary>
internal static class HubReader
{
    public static HubSettings Read(SettingsField? field)
    {
        var section = field is { } present ? SettingsSection.Open(present, "hub") : null;
        var transport = section?["transport"]?.Choice(("tcp", HubTransport.Tcp), ("webSocket", HubTransport.WebSocket)) ?? HubTransport.Tcp;
        SectionReaders.CheckCertificatePair(section);
        return new HubSettings(
            transport,
            (int)(section?["port"]?.Integer(1, ushort.MaxValue) ?? (transport == HubTransport.WebSocket ? 443 : 8883)),
            SectionReaders.FilePath(section?["caFile"]),
            SectionReaders.FilePath(section?["certFile"]),
            SectionReaders.FilePath(section?["keyFile"]));
    }
}
