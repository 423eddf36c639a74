using System.Text.Json.Nodes;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Updates.Keys;

/// <summary>Whether the device key can be used; written in lower case.</summary>
internal enum DeviceKeyState
{
    /// <summary>It can.</summary>
    Ready,

    /// <summary>What sealed it, or the disk, cannot be used now: waiting helps.</summary>
    Unavailable,

    /// <summary>It can never be unsealed here any more: the module's identity was made anew. An operator has to make a new key.</summary>
    Undecryptable,

    /// <summary>Its file is damaged, a link, or was open to others. An operator has to look.</summary>
    Unusable,
}

/// <summary>What is known of the device key.</summary>
/// <param name="Kind">What seals it; null while there is none.</param>
/// <param name="Recipient">Its public half; null while there is none, or its file cannot be read.</param>
/// <param name="Sentence">What is wrong and what to do; empty when it is ready.</param>
internal sealed record DeviceKeyStatus(DeviceKeyState State, string? Kind, X25519Recipient? Recipient, string Sentence)
{
    /// <summary>Whether it stays so until an operator acts.</summary>
    public bool NeedsOperator => State is DeviceKeyState.Undecryptable or DeviceKeyState.Unusable;

    /// <summary><see cref="State"/> as it is shown.</summary>
    public string StateText => State.ToString().ToLowerInvariant();

    /// <summary>The form of the reported properties (docs/formats/twin.md).</summary>
    public JsonObject ToReported()
    {
        var json = new JsonObject { ["state"] = StateText };
        foreach (var (name, text) in new[] { ("kind", Kind), ("key", Recipient?.Text), ("fingerprint", Recipient?.Fingerprint), ("error", Sentence) })
        {
            if (!string.IsNullOrEmpty(text))
            {
                json[name] = text;
            }
        }

        return json;
    }
}
