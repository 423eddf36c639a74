namespace EdgeGateway.Hub;

/// <summary>How this process proves who it is.</summary>
internal abstract record HubCredential
{
    /// <summary>The identity's own key, with which tokens are signed here.</summary>
    internal sealed record SharedKey(ReadOnlyMemory<byte> Key) : HubCredential;

    /// <summary>A client certificate; the settings name its files.</summary>
    internal sealed record Certificate : HubCredential;

    /// <summary>The IoT Edge runtime signs tokens for us.</summary>
    /// <param name="Address"><c>unix:///...</c> or <c>http://...</c>.</param>
    internal sealed record Workload(Uri Address, string Generation) : HubCredential;
}

/// <summary>Which identity this process was given, and where it connects.</summary>
/// <param name="Host">Where to connect, and the name that the server's certificate must have: the gateway's, or the hub's own.</param>
/// <param name="CaFile">PEM file of the only certificates to trust; null for the trust bundle of the runtime, or the system's trust.</param>
internal sealed record HubEnvironment(HubIdentity Identity, string Host, HubCredential Credential, string? CaFile)
{
    private static readonly string[] ConnectionStrings = ["EdgeHubConnectionString", "IotHubConnectionString"];
    private const string CaVariable = "EdgeModuleCACertificateFile";
    private const string Address = "IOTEDGE_WORKLOADURI";
    private const string Scheme = "IOTEDGE_AUTHSCHEME";
    private const string Generation = "IOTEDGE_MODULEGENERATIONID";
    private const string Hub = "IOTEDGE_IOTHUBHOSTNAME";
    private const string Gateway = "IOTEDGE_GATEWAYHOSTNAME";
    private const string Device = "IOTEDGE_DEVICEID";
    private const string Module = "IOTEDGE_MODULEID";
    private static readonly string[] Runtime = [Address, Scheme, Generation, Hub, Gateway, Device, Module];

    /// <summary>Reads the identity; a connection string wins over the variables of the IoT Edge runtime. Null when there is neither: no hub.</summary>
    /// <param name="variables">The environment of the process. An empty variable counts as none.</param>
    /// <exception cref="FormatException">A variable cannot be used: one sentence that names it and never shows its value.</exception>
    public static HubEnvironment? Read(IReadOnlyDictionary<string, string> variables)
    {
        foreach (var name in ConnectionStrings)
        {
            if (Value(variables, name) is { } text)
            {
                return ConnectionString.Parse(text, name) with { CaFile = Value(variables, CaVariable) };
            }
        }

        return Runtime.Any(name => Value(variables, name) is not null) ? FromRuntime(variables) : null;
    }

    /// <summary>Checks a device or module id.</summary>
    /// <exception cref="FormatException">It has characters that do not survive the way through MQTT topics and edgeHub.</exception>
    internal static string Id(string id, string source) =>
        id.Length <= 128 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-')
            ? id
            : throw new FormatException($"{source} has characters that are not supported, or more than 128 of them; use an id of letters, digits and . _ : -.");

    /// <summary>Checks a host name.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    internal static string HostName(string host, string source) =>
        Uri.CheckHostName(host) != UriHostNameType.Unknown ? host : throw new FormatException($"{source} is not a host name; write the name alone, without scheme and port.");

    private static HubEnvironment FromRuntime(IReadOnlyDictionary<string, string> variables)
    {
        string Required(string name) => Value(variables, name)
            ?? throw new FormatException($"{name} is missing while other variables of the IoT Edge runtime are set; let the runtime start this module, or set EdgeHubConnectionString.");

        if (!Required(Scheme).Equals("sasToken", StringComparison.OrdinalIgnoreCase))
        {
            throw new FormatException($"{Scheme} names a way to sign in that is not known; only sasToken is.");
        }

        var address = Uri.TryCreate(Required(Address), UriKind.Absolute, out var uri) && uri.Scheme is "unix" or "http"
            ? uri!
            : throw new FormatException($"{Address} is not the address of a workload API; it begins with unix:// or http://.");
        var identity = new HubIdentity(HostName(Required(Hub), Hub), Id(Required(Device), Device), Id(Required(Module), Module));
        return new HubEnvironment(identity, HostName(Required(Gateway), Gateway), new HubCredential.Workload(address, Required(Generation)), CaFile: null);
    }

    private static string? Value(IReadOnlyDictionary<string, string> variables, string name) => variables.TryGetValue(name, out var value) && value.Trim() is { Length: > 0 } text ? text : null;
}
