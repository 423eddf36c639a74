using System.Security.Cryptography;
using EdgeGateway.Settings;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Updates.Fetching;

namespace EdgeGateway.Tests.Updates.Fetching;

/// <summary>A server that behaves until a test says otherwise, a folder, and a fetcher that may ask the one and write into the other.</summary>
internal sealed class FetchStand : IAsyncDisposable
{
    /// <summary>What nobody but the server may hear of.</summary>
    public const string Query = "sv=2025-01-05&se=2026-11-25T12%3A00%3A00Z&sig=top%2Fsecret%3D";

    private readonly TempFolder folder = new();

    public FetchStand(byte[] content, TimeProvider? clock = null)
    {
        Content = content;
        Clock = clock ?? TimeProvider.System;
        Server = new RawServer(Honest(() => Content));
        CaFile = folder.File("ca.pem");
        File.WriteAllText(CaFile, RawServer.Certificate.ExportCertificatePem());
    }

    public RawServer Server { get; }

    public TimeProvider Clock { get; }

    public string CaFile { get; }

    /// <summary>What the server has, and the fetcher asks for.</summary>
    public byte[] Content { get; set; }

    /// <summary>Where the file is to lie.</summary>
    public string Path => folder.File("blob");

    public string Part => Path + ".part";

    public string Folder => folder.Path;

    /// <summary>The numbers of bytes that were told.</summary>
    public List<long> Told { get; } = [];

    public UpdateSettings Settings => new([Server.Host], CaFile, null);

    /// <summary>The content, with its length and digest, behind a secret.</summary>
    public FetchTarget Target => new(new Uri($"https://{Server.Host}/store/blob.age"), Query, 1 << 20, Content.Length, Sha256(Content));

    public static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Answers as a server should, with ranges and a strong ETag, and at most so many bytes at a time.</summary>
    public static Func<RawRequest, Stream, Task> Honest(Func<byte[]> content, int cut = int.MaxValue) => (request, stream) =>
    {
        var (whole, from) = (content(), request.From);
        var tag = $"\"{Sha256(whole)[..8]}\"";
        if (request.Headers.TryGetValue("if-range", out var version) && version != tag)
        {
            from = 0;
        }

        return from > 0 && from >= whole.Length ? RawServer.WriteAsync(stream, $"HTTP/1.1 416 No\nContent-Range: bytes */{whole.Length}\nContent-Length: 0")
            : RawServer.WriteAsync(stream, (from == 0 ? "HTTP/1.1 200 OK" : $"HTTP/1.1 206 Part\nContent-Range: bytes {from}-{whole.Length - 1}/{whole.Length}") + $"\nContent-Length: {whole.Length - from}\nETag: {tag}", whole.AsMemory(from, Math.Min(cut, whole.Length - from)));
    };

    /// <summary>Answers with the same always.</summary>
    public static Func<RawRequest, Stream, Task> Always(string head, byte[]? body = null) => (_, stream) => RawServer.WriteAsync(stream, head, body);

    /// <summary>Fetches, and sees to it that no result has the secret in it, and that what lies in the file's place is the file.</summary>
    public async Task<FetchResult> FetchAsync(FetchTarget? target = null, UpdateSettings? settings = null)
    {
        target ??= Target;
        var result = await new Fetcher(settings ?? Settings, Clock).FetchAsync(target, Path, Told.Add, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("secret", $"{result} {target}", StringComparison.Ordinal);
        Assert.Equal(result is FetchResult.Done, File.Exists(Path) && (target.Sha256 is null || Sha256(await File.ReadAllBytesAsync(Path)) == target.Sha256));
        Assert.False(result is not FetchResult.Waits && File.Exists(Part), "a part is left behind");
        return result;
    }

    /// <summary>Fetches, and it must be done.</summary>
    public async Task FetchedAsync(FetchTarget? target = null, UpdateSettings? settings = null)
    {
        Assert.IsType<FetchResult.Done>(await FetchAsync(target, settings));
        Assert.Equal(Content, await File.ReadAllBytesAsync(Path));
    }

    /// <summary>Fetches, and it must wait with a sentence in which something stands.</summary>
    public async Task<FetchResult.Waits> WaitsAsync(string sentence, FetchTarget? target = null, UpdateSettings? settings = null)
    {
        var waits = Assert.IsType<FetchResult.Waits>(await FetchAsync(target, settings));
        Assert.Contains(sentence, waits.Sentence, StringComparison.Ordinal);
        Assert.EndsWith(".", waits.Sentence, StringComparison.Ordinal);
        return waits;
    }

    /// <summary>Fetches, and it must be refused.</summary>
    public async Task RefusedAsync(string code, string sentence, FetchTarget? target = null, UpdateSettings? settings = null)
    {
        var refused = Assert.IsType<FetchResult.Refused>(await FetchAsync(target, settings));
        Assert.Equal(code, refused.Code);
        Assert.Contains(sentence, refused.Sentence, StringComparison.Ordinal);
        Assert.EndsWith(".", refused.Sentence, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        folder.Dispose();
    }
}
