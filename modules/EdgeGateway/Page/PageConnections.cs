using System.Net;
using Microsoft.AspNetCore.Connections;

namespace EdgeGateway.Page;

/// <summary>How many connections one address may have, with or without a token: so nobody takes all of them by himself. Thread-safe.</summary>
internal sealed class PageConnections
{
    /// <summary>Of all addresses.</summary>
    public const int Most = 128;

    /// <summary>Of one address; several people behind one router have the same.</summary>
    public const int MostOfOne = 32;

    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, int> byAddress = [];

    /// <summary>Serves a connection to its end, or ends it at once where its address has too many.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (!TryAdd(address))
        {
            connection.Abort();
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Remove(address);
        }
    }

    private bool TryAdd(IPAddress address)
    {
        lock (gate)
        {
            var open = byAddress.GetValueOrDefault(address);
            if (open < MostOfOne)
            {
                byAddress[address] = open + 1;
            }

            return open < MostOfOne;
        }
    }

    private void Remove(IPAddress address)
    {
        lock (gate)
        {
            if (--byAddress[address] == 0)
            {
                byAddress.Remove(address);
            }
        }
    }
}
