using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Storage;
using EdgeGateway.Updates.Trust;

namespace EdgeGateway.Updates.Keys;

/// <summary>What <c>device-key.json</c> holds.</summary>
/// <param name="Kind">What sealed it.</param>
internal sealed record SealedDeviceKey(string Kind, X25519Recipient Recipient, byte[] Sealed);

/// <summary>Reads and writes <c>device-key.json</c>.</summary>
internal sealed class DeviceKeyFile(string folder)
{
    private const int MostBytes = 16 * 1024;
    private const int Format = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { AllowDuplicateProperties = false, RespectNullableAnnotations = true, WriteIndented = true };

    /// <summary>Where it is.</summary>
    public string Path { get; } = System.IO.Path.Combine(folder, "device-key.json");

    /// <summary>Reads it; null with a problem when it cannot be used, and without one when there is none.</summary>
    public SealedDeviceKey? Read(out string? problem)
    {
        if (KeptFile.Read(Path, MostBytes, out problem) is not { } bytes)
        {
            return null;
        }

        try
        {
            var content = JsonSerializer.Deserialize<Content>(bytes, Json) ?? throw new JsonException("null");
            problem = content.Format > Format || content.Kind is not (WorkloadKeySealer.Name or FileKeySealer.Name)
                ? $"{Path} was written by a newer gateway: run that one, or make a new key with EdgeGateway keys new."
                : content.Kind == FileKeySealer.Name && IsOpenToOthers(Path)
                ? $"{Path} holds the secret and may be read or written by every user of this device: if nobody has, take that away with chmod o= {Path}; else make a new key with EdgeGateway keys new."
                : null;
            return problem is not null ? null
                : new SealedDeviceKey(content.Kind, X25519Recipient.Parse(content.Key) ?? throw new FormatException(), Convert.FromBase64String(content.Sealed));
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException) // the last: half of a surrogate pair in a text
        {
            problem = $"{Path} is damaged: bring it back from a backup of this device, or make a new key with EdgeGateway keys new.";
            return null;
        }
    }

    /// <summary>Writes it; one that is there is kept beside it as <c>device-key.1.json</c>, or the next free number.</summary>
    /// <exception cref="IOException">It is not written, and the old one is in its place.</exception>
    public void Write(SealedDeviceKey key)
    {
        Directory.CreateDirectory(folder);
        if (KeptFile.Read(Path, MostBytes, out var problem) is { } old)
        {
            DurableFile.Replace(Enumerable.Range(1, int.MaxValue - 1).Select(n => System.IO.Path.Combine(folder, $"device-key.{n}.json")).First(path => !System.IO.Path.Exists(path)), old);
        }
        else if (problem is not null)
        {
            throw new IOException(problem);
        }

        DurableFile.Replace(Path, JsonSerializer.SerializeToUtf8Bytes(new Content(Format, key.Kind, key.Recipient.Text, Convert.ToBase64String(key.Sealed)), Json));
    }

    /// <summary>Not asked of the group: Kubernetes gives a volume's group access to all files at each mount, and who is in the group is the operator's choice.</summary>
    private static bool IsOpenToOthers(string path) => !OperatingSystem.IsWindows()
        && (File.GetUnixFileMode(path) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute)) != 0;

    private sealed record Content(
        [property: JsonRequired] int Format, [property: JsonRequired] string Kind, [property: JsonRequired] string Key, [property: JsonRequired] string Sealed);
}
