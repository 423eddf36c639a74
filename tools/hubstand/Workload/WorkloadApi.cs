using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hubstand.Identities;

namespace Hubstand.Workload;

/// <summary>What the workload API answers for one module.</summary>
internal sealed class WorkloadApi(IdentityName name, IdentityStore identities, Authority authority)
{
    private static readonly string[] Versions = ["2018-06-28", "2019-01-30", "2019-10-22", "2019-11-05", "2020-07-07", "2020-10-10", "2021-12-07", "2022-08-03"];

    private const int TagSize = 16;

    /// <summary>Answers one request.</summary>
    public WorkloadAnswer Answer(WorkloadRequest request)
    {
        if (!Versions.Contains(request.ApiVersion))
        {
            return WorkloadAnswer.Error(400, $"api-version {request.ApiVersion ?? "is missing"}{(request.ApiVersion is null ? "" : " is not known")}.");
        }

        try
        {
            return (request.Method, request.Path) switch
            {
                ("GET", ["trust-bundle"]) => new(200, new JsonObject { ["certificate"] = authority.Pem }),
                ("GET", ["manifest-trust-bundle"]) => new(200, new JsonObject { ["certificate"] = "" }),
                ("GET", ["modules"]) => new(200, Modules()),
                ("POST", ["modules", var module, "genid", var generation, var call]) => OfModule(module, generation, [call], Json(request.Body)),
                ("POST", ["modules", var module, "genid", var generation, "certificate", "server"]) => OfModule(module, generation, ["certificate", "server"], Json(request.Body)),
                ("POST", ["modules", var module, "certificate", "identity"]) => module == name.Module ? Certificate(authority.IssueClient(name.ToString())) : Foreign(module),
                _ => WorkloadAnswer.Error(404, $"{request.Method} /{string.Join('/', request.Path)} is not known."),
            };
        }
        catch (AuthenticationTagMismatchException e)
        {
            // as the daemon does: its own trouble looks the same
            return WorkloadAnswer.Error(500, $"decryption failed: {e.Message}");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or CryptographicException or ArgumentException)
        {
            return WorkloadAnswer.Error(400, $"The request cannot be used: {e.Message}");
        }
    }

    private WorkloadAnswer OfModule(string module, string generation, string[] call, JsonObject body)
    {
        if (module != name.Module)
        {
            return Foreign(module);
        }

        if (!identities.TryFind(name, out var identity) || identity.GenerationId != generation)
        {
            return WorkloadAnswer.Error(404, $"{module} has no generation {generation}.");
        }

        return call switch
        {
            ["sign"] => new(200, new JsonObject { ["digest"] = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(identity.PrimaryKey), Bytes(body, "data"))) }),
            ["encrypt"] => new(200, new JsonObject { ["ciphertext"] = Convert.ToBase64String(Encrypt(identity, Bytes(body, "plaintext"), Bytes(body, "initializationVector"))) }),
            ["decrypt"] => new(200, new JsonObject { ["plaintext"] = Convert.ToBase64String(Decrypt(identity, Bytes(body, "ciphertext"), Bytes(body, "initializationVector"))) }),
            ["certificate", "server"] => Certificate(authority.IssueServer(Text(body, "commonName"), Text(body, "commonName"), module)),
            _ => WorkloadAnswer.Error(404, $"{call[0]} is not known."),
        };
    }

    private static WorkloadAnswer Foreign(string module) => WorkloadAnswer.Error(403, $"The caller is not {module}.");

    private static WorkloadAnswer Certificate(IssuedCertificate issued) => new(201, new JsonObject
    {
        ["privateKey"] = new JsonObject { ["type"] = "key", ["bytes"] = issued.PrivateKey },
        ["certificate"] = issued.Certificate,
        ["expiration"] = issued.Expiration.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture),
    });

    private JsonObject Modules() => new()
    {
        ["modules"] = new JsonArray([.. identities.All.Where(i => i.Name.Module is not null && i.Name.Device == name.Device)
            .Select(i => new JsonObject { ["name"] = i.Name.Module, ["status"] = new JsonObject { ["runtimeStatus"] = new JsonObject { ["status"] = "running" } } })]),
    };

    private byte[] Encrypt(Identity identity, byte[] plaintext, byte[] vector)
    {
        using var aes = new AesGcm(SealingKey(), TagSize);
        var ciphertext = new byte[plaintext.Length + TagSize];
        aes.Encrypt(Nonce(vector), plaintext, ciphertext.AsSpan(0, plaintext.Length), ciphertext.AsSpan(plaintext.Length), AssociatedData(identity));
        return ciphertext;
    }

    private byte[] Decrypt(Identity identity, byte[] ciphertext, byte[] vector)
    {
        if (ciphertext.Length < TagSize)
        {
            throw new CryptographicException("The ciphertext is shorter than its tag.");
        }

        using var aes = new AesGcm(SealingKey(), TagSize);
        var plaintext = new byte[ciphertext.Length - TagSize];
        aes.Decrypt(Nonce(vector), ciphertext.AsSpan(0, plaintext.Length), ciphertext.AsSpan(plaintext.Length), plaintext, AssociatedData(identity));
        return plaintext;
    }

    /// <summary>The key belongs to the device, not to the module.</summary>
    private byte[] SealingKey() => SHA256.HashData(Encoding.UTF8.GetBytes("seal" + identities.Ensure(new IdentityName(name.Device, null)).PrimaryKey));

    private byte[] AssociatedData(Identity identity) => Encoding.UTF8.GetBytes(name.Module + identity.GenerationId);

    /// <summary>The caller's vector is the nonce: 12 bytes as it is, of another length hashed to 12.</summary>
    private static byte[] Nonce(byte[] vector) => vector.Length == 12 ? vector : SHA256.HashData(vector)[..12];

    private static JsonObject Json(byte[] body) => body.Length == 0 ? [] : JsonNode.Parse(body) as JsonObject ?? throw new FormatException("The body is no JSON object.");

    private static byte[] Bytes(JsonObject body, string member) => Convert.FromBase64String(Text(body, member));

    private static string Text(JsonObject body, string member) => body[member]?.GetValue<string>() ?? throw new FormatException($"{member} is missing.");
}
