using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Hubstand.Workload;

/// <summary>A request to the workload API.</summary>
/// <param name="Path">Path segments, unescaped.</param>
internal sealed record WorkloadRequest(string Method, IReadOnlyList<string> Path, string? ApiVersion, byte[] Body);

/// <summary>An answer: a JSON object.</summary>
internal sealed record WorkloadAnswer(int Status, JsonObject Body)
{
    public static WorkloadAnswer Error(int status, string message) => new(status, new JsonObject { ["message"] = message });
}

/// <summary>
/// HTTP/1.1 as far as the workload API needs it. Own code, because Kestrel refuses what the C# SDK sends on Linux (header lines that end in a bare LF) and the SDK reads only bodies
/// that state their length.
/// </summary>
internal static class HttpExchange
{
    private const int LargestHead = 16 * 1024;
    private const int LargestBody = 1024 * 1024;

    /// <summary>Reads one request; null when the peer has closed.</summary>
    /// <exception cref="InvalidDataException">It is no HTTP request.</exception>
    public static async Task<WorkloadRequest?> ReadAsync(BufferedStream stream, CancellationToken token)
    {
        if (await LineAsync(stream, token) is not { } first)
        {
            return null;
        }

        var length = 0;
        while (await LineAsync(stream, token) is { Length: > 0 } header)
        {
            var at = header.IndexOf(':', StringComparison.Ordinal);
            if (at > 0 && header[..at].Trim().Equals("content-length", StringComparison.OrdinalIgnoreCase))
            {
                length = int.TryParse(header[(at + 1)..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var l) && l <= LargestBody
                    ? l
                    : throw new InvalidDataException($"content-length is \"{header[(at + 1)..].Trim()}\", it must be a number up to {LargestBody}.");
            }
        }

        var body = new byte[length];
        await stream.ReadExactlyAsync(body, token);
        return first.Split(' ') is [var method, var target, ..] ? Request(method, target, body) : throw new InvalidDataException("The request line is not METHOD TARGET VERSION.");
    }

    /// <summary>Writes an answer with its length, never in chunks.</summary>
    public static async Task WriteAsync(Stream stream, WorkloadAnswer answer, bool trickle, CancellationToken token)
    {
        var body = Encoding.UTF8.GetBytes(answer.Body.ToJsonString());
        var head = $"HTTP/1.1 {answer.Status} {(answer.Status < 300 ? "OK" : "Error")}\r\ncontent-type: application/json\r\ncontent-length: {body.Length}\r\n\r\n";
        byte[] bytes = [.. Encoding.ASCII.GetBytes(head), .. body];
        var piece = trickle ? 1 : bytes.Length;
        for (var at = 0; at < bytes.Length; at += piece)
        {
            await stream.WriteAsync(bytes.AsMemory(at, piece), token);
            await stream.FlushAsync(token);
        }
    }

    private static WorkloadRequest Request(string method, string target, byte[] body)
    {
        var uri = new Uri(new Uri("http://workload"), target);
        var version = uri.Query.TrimStart('?').Split('&').Select(p => p.Split('=', 2)).FirstOrDefault(p => p[0] == "api-version")?.ElementAtOrDefault(1);
        return new WorkloadRequest(method, [.. uri.AbsolutePath.Trim('/').Split('/').Select(Uri.UnescapeDataString)], version, body);
    }

    /// <summary>A line without its end, which is CR LF or a bare LF.</summary>
    private static async Task<string?> LineAsync(BufferedStream stream, CancellationToken token)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await stream.ReadAsync(one, token) == 1)
        {
            if (one[0] == '\n')
            {
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            }

            line.Add(one[0]);
            if (line.Count > LargestHead)
            {
                throw new InvalidDataException($"A header line is longer than {LargestHead} bytes.");
            }
        }

        return null;
    }
}
