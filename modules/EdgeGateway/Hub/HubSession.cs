namespace EdgeGateway.Hub;

/// <summary>What belongs to one connection and ends with it.</summary>
internal sealed class HubSession : IDisposable
{
    private readonly CancellationTokenSource closed = new();

    /// <param name="methods">Makes the direct methods of this connection; its token is cancelled when the connection is gone.</param>
    public HubSession(Func<CancellationToken, MethodCalls> methods)
    {
        Closed = closed.Token;
        Methods = methods(Closed);
    }

    /// <summary>Cancelled when the connection is gone.</summary>
    public CancellationToken Closed { get; }

    /// <summary>Direct methods that came over it.</summary>
    public MethodCalls Methods { get; }

    /// <summary>Whether everything is subscribed: an answer to a request would not be missed.</summary>
    public bool IsReady { get; set; }

    /// <summary>The connection is gone.</summary>
    public void Dispose()
    {
        closed.Cancel();
        closed.Dispose();
    }
}
