using System.Net.Sockets;
using Hubstand.Hub;
using Hubstand.Identities;

namespace Hubstand.Workload;

/// <summary>The workload API of one module on its unix socket; can be started, stopped and left stale as often as a test likes.</summary>
public sealed class WorkloadServer : IAsyncDisposable
{
    /// <summary>What the daemon takes at a time on one socket; the next is cut without an answer.</summary>
    private const int MostRequests = 10;

    private const int Backlog = 32;
    private readonly WorkloadApi api;
    private readonly TimeProvider clock;
    private readonly Action<string> log;
    private Socket? listener;
    private CancellationTokenSource? stopping;
    private int requests;

    internal WorkloadServer(IdentityName name, string path, HubContext hub)
    {
        (Path, clock, log) = (path, hub.Clock, hub.Log);
        api = new WorkloadApi(name, hub.Identities, hub.Authority);
    }

    /// <summary>Path of the socket.</summary>
    public string Path { get; }

    /// <summary>Value of IOTEDGE_WORKLOADURI.</summary>
    public string Uri => "unix://" + Path;

    /// <summary>What goes wrong.</summary>
    public WorkloadFaults Faults { get; } = new();

    /// <summary>Listens at the path; a socket that was there is replaced.</summary>
    /// <exception cref="SocketException">It cannot: the path is longer than the system takes, for one.</exception>
    public void Start()
    {
        File.Delete(Path);
        stopping = new CancellationTokenSource();
        listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path));
        listener.Listen(Backlog);
        _ = AcceptAsync(listener, stopping.Token);
    }

    /// <summary>Stops, and removes the socket.</summary>
    public void Stop()
    {
        LeaveStale();
        File.Delete(Path);
    }

    /// <summary>Stops and leaves the socket in the file system, as a daemon's restart does to a container: connecting is refused for ever.</summary>
    public void LeaveStale()
    {
        stopping?.Cancel();
        if (listener is not null)
        {
            // .NET deletes the file of a socket that it closes: keep it under another name meanwhile
            var kept = Path + ".kept";
            if (File.Exists(Path))
            {
                File.Move(Path, kept, overwrite: true);
            }

            listener.Dispose();
            listener = null;
            if (File.Exists(kept))
            {
                File.Move(kept, Path, overwrite: true);
            }
        }

        stopping?.Dispose();
        stopping = null;
    }

    /// <summary>Takes everybody's permission on the socket away, or gives it back; root is never kept out.</summary>
    public void Deny(bool denied)
    {
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode all = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
            File.SetUnixFileMode(Path, denied ? UnixFileMode.None : all);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Stop();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync(Socket socket, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await socket.AcceptAsync(stop), stop);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // stopped
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken stop)
    {
        using var network = new NetworkStream(socket, ownsSocket: true);
        await using var stream = new BufferedStream(network);
        try
        {
            while (await HttpExchange.ReadAsync(stream, stop) is { } request && await TryAnswerAsync(network, request, stop))
            {
                // the connection is kept for the next request
            }
        }
        catch (InvalidDataException e)
        {
            log($"Workload API: {e.Message}");
            await HttpExchange.WriteAsync(network, WorkloadAnswer.Error(400, e.Message), trickle: false, stop);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // the caller went away, or we stop
        }
    }

    private async Task<bool> TryAnswerAsync(Stream stream, WorkloadRequest request, CancellationToken stop)
    {
        if (Interlocked.Increment(ref requests) > MostRequests)
        {
            Interlocked.Decrement(ref requests);
            return false;
        }

        try
        {
            if (Faults.Delay > TimeSpan.Zero)
            {
                await Task.Delay(Faults.Delay, clock, stop);
            }

            var answer = Faults.Status == 0 ? api.Answer(request) : WorkloadAnswer.Error(Faults.Status, "A switch of hubstand says so.");
            log($"Workload API: {request.Method} /{string.Join('/', request.Path)} -> {answer.Status}");
            await HttpExchange.WriteAsync(stream, answer, Faults.Trickle, stop);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref requests);
        }
    }
}
