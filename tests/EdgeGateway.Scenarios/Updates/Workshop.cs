using System.Globalization;
using System.Security.Cryptography;
using EdgeGateway.ModelKit.Commands;
using EdgeGateway.Tests.Storage;

namespace EdgeGateway.Scenarios.Updates;

/// <summary>A package as modelkit made it.</summary>
/// <param name="Name">Of its slot.</param>
/// <param name="Folder">The manifest, and its blobs in a folder beside it.</param>
internal sealed record MadePackage(string Name, int Release, string Folder)
{
    /// <summary>The signed file.</summary>
    public string Manifest => Path.Combine(Folder, "manifest.json");

    /// <summary>What the settings call it by.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Manifest)));
}

/// <summary>
/// Where people make keys, roots, grants and packages with modelkit. Ada signs roots, Eve packages, for the devices of line A. Mallory, who holds the hub and the store, has keys of his own, one of them called Mallet: no key may have both roles. All are made once for the
/// tests of a class: each passphrase takes a second.
/// </summary>
public sealed class Workshop : IAsyncLifetime, IDisposable
{
    private readonly TempFolder folder = new();
    private int made;

    /// <summary>Root version 1.</summary>
    public string Root => PathOf("root.1.json");

    /// <summary>A file that people made.</summary>
    public string PathOf(string name) => folder.File(name);

    /// <summary>A path that nothing has yet.</summary>
    public string New() => PathOf($"new-{Interlocked.Increment(ref made)}");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(PathOf("passphrase"), "correct horse battery staple\n");
        foreach (var name in (string[])["ada", "eve", "mallory", "mallet"])
        {
            await DoesAsync("keys", "new", "signing", name, "--out", folder.Path, "--passphrase-file", PathOf("passphrase"));
        }

        foreach (var group in (string[])["line-a", "line-m"])
        {
            await DoesAsync("keys", "new", "group", group, "--out", folder.Path, "--passphrase-file", PathOf("passphrase"));
        }

        await RootAsync(1, "ada", "eve", folder.Path);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    /// <summary>Packs, seals and signs a model or adapter.</summary>
    /// <param name="source">Its folder.</param>
    /// <param name="signer">Null: nobody signs.</param>
    /// <param name="golden">Recordings on which it is proven to say what it says here; null: none.</param>
    internal async Task<MadePackage> PackageAsync(string name, int release, string source, string? signer = "eve", string group = "line-a", string? golden = null)
    {
        var (draft, package) = (New(), new MadePackage(name, release, New()));
        string[] proven = golden is null ? [] : ["--golden", golden];
        await DoesAsync(["package", "pack", source, "--name", name, "--release", release.ToString(CultureInfo.InvariantCulture), "--issued", "2026-01-01", "--expires", "2100-01-01", "--out", draft, .. proven]);
        await DoesAsync("package", "seal", draft, "--to", PathOf($"{group}.1.recipient"), "--out", package.Folder);
        if (signer is not null)
        {
            await SignAsync(package.Manifest, signer);
        }

        return package;
    }

    /// <summary>Makes a root of one root key and one release key, and signs it.</summary>
    internal async Task<string> RootAsync(int version, string owner, string releases, string to)
    {
        await DoesAsync(
            "keys", "root", "--version", version.ToString(CultureInfo.InvariantCulture), "--root", PathOf($"{owner}.pub"), "--root-threshold", "1", "--release", PathOf($"{releases}.pub"), "--release-threshold", "1",
            "--issued", "2026-01-01", "--expires", "2100-01-01", "--out", Directory.CreateDirectory(to).FullName);
        var root = Path.Combine(to, $"root.{version}.json");
        await SignAsync(root, owner);
        return root;
    }

    /// <summary>Grants a group's key to a device whose fingerprint a person has confirmed.</summary>
    /// <param name="key">What the hub says that the device has reported.</param>
    /// <returns>The exit code, what was said, and the path of the grant.</returns>
    internal async Task<(int Code, string Said, string Grant)> GrantAsync(string group, string fingerprint, string key)
    {
        var to = Directory.CreateDirectory(New()).FullName;
        var (members, reported) = (Path.Combine(to, "members.json"), Path.Combine(to, "reported.json"));
        await File.WriteAllTextAsync(members, $$"""{ "group": "{{group}}", "members": [ { "device": "gw", "fingerprint": "{{fingerprint}}", "confirmedBy": "Ada" } ] }""");
        await File.WriteAllTextAsync(reported, $$"""[ { "device": "gw", "key": "{{key}}" } ]""");
        var (code, said) = await RunAsync("keys", "grant", PathOf($"{group}.1.identity.age"), "--members", members, "--reported", reported, "--out", to, "--passphrase-file", PathOf("passphrase"));
        return (code, said, Path.Combine(to, $"{group}.1.grant.age"));
    }

    private Task SignAsync(string envelope, string signer) => DoesAsync("package", "sign", envelope, "--key", PathOf($"{signer}.key.age"), "--passphrase-file", PathOf("passphrase"));

    private static async Task DoesAsync(params string[] args)
    {
        var (code, said) = await RunAsync(args);
        Assert.True(code == 0, $"modelkit {string.Join(' ', args)} ended with {code}: {said}");
    }

    private static async Task<(int Code, string Said)> RunAsync(params string[] args)
    {
        using var said = new StringWriter(CultureInfo.InvariantCulture);
        return (await CommandLines.RunAsync(args, said, said, TimeProvider.System), said.ToString());
    }
}
