namespace EdgeGateway.Hub;

/// <summary>Reads a connection string: <c>HostName=...;DeviceId=...;ModuleId=...;SharedAccessKey=...;GatewayHostName=...</c>, or <c>x509=true</c> in place of the key.</summary>
internal static class ConnectionString
{
    /// <summary>Reads it. Parts of other names are left alone.</summary>
    /// <param name="source">Name of the variable, for sentences.</param>
    /// <exception cref="FormatException">It cannot be used; the sentence never shows it.</exception>
    public static HubEnvironment Parse(string text, string source)
    {
        var parts = Parts(text, source);
        string Required(string name, string what) => parts.GetValueOrDefault(name) ?? throw new FormatException($"{source} has no {name}; add {name}={what}.");

        var hub = HubEnvironment.HostName(Required("HostName", "the host name of the IoT Hub"), $"HostName in {source}");
        var device = HubEnvironment.Id(Required("DeviceId", "the id of the device"), $"DeviceId in {source}");
        var module = parts.TryGetValue("ModuleId", out var id) ? HubEnvironment.Id(id, $"ModuleId in {source}") : null;
        var host = parts.TryGetValue("GatewayHostName", out var gateway) ? HubEnvironment.HostName(gateway, $"GatewayHostName in {source}") : hub;
        return new HubEnvironment(new HubIdentity(hub, device, module), host, Credential(parts, source), CaFile: null);
    }

    private static HubCredential Credential(Dictionary<string, string> parts, string source)
    {
        if (parts.TryGetValue("x509", out var x509) && x509.Equals("true", StringComparison.OrdinalIgnoreCase))
        {
            return new HubCredential.Certificate();
        }

        if (!parts.TryGetValue("SharedAccessKey", out var key))
        {
            throw new FormatException($"{source} has no SharedAccessKey; add the key of the device or module, or x509=true for a client certificate.");
        }

        var bytes = new byte[key.Length];
        return Convert.TryFromBase64String(key, bytes, out var length) && length > 0
            ? new HubCredential.SharedKey(bytes.AsMemory(0, length))
            : throw new FormatException($"SharedAccessKey in {source} is not base64; copy the connection string once more, as a whole.");
    }

    private static Dictionary<string, string> Parts(string text, string source)
    {
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // a key ends in = signs of its own
            if (part.Split('=', 2, StringSplitOptions.TrimEntries) is not [{ Length: > 0 } name, { Length: > 0 } value])
            {
                throw new FormatException($"{source} is not a connection string: it has a part that is not Name=Value; copy it once more, as a whole.");
            }

            if (!parts.TryAdd(name, value))
            {
                throw new FormatException($"{source} has a part twice; keep one of the two.");
            }
        }

        return parts;
    }
}
