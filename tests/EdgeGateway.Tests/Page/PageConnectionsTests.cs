using System.Net;
using EdgeGateway.Page;
using Microsoft.AspNetCore.Connections;

namespace EdgeGateway.Tests.Page;

/// <summary>How many connections an address may have.</summary>
public sealed class PageConnectionsTests
{
    private readonly PageConnections connections = new();

    [Fact]
    public async Task Of_one_address_thirty_two_are_served_and_of_another_one_too_and_when_one_has_ended_another_is()
    {
        var (ends, later) = (new TaskCompletionSource(), new TaskCompletionSource());
        var served = Enumerable.Range(0, PageConnections.MostOfOne).Select(i => ServeAsync(1, i == 0 ? ends.Task : later.Task)).ToList();
        Assert.DoesNotContain(served, s => s.IsCompleted);
        Assert.Equal((false, false, true), (await ServeAsync(1, Task.CompletedTask), await ServeAsync(1, Task.CompletedTask), await ServeAsync(2, Task.CompletedTask)));
        ends.SetResult();
        Assert.True(await served[0]);
        Assert.True(await ServeAsync(1, Task.CompletedTask));
        later.SetResult();
        Assert.All(await Task.WhenAll(served), Assert.True);
    }

    /// <summary>Whether a connection of an address was served; one that was not has been ended.</summary>
    private async Task<bool> ServeAsync(byte address, Task meanwhile)
    {
        var isServed = false;
        await using var connection = new DefaultConnectionContext { RemoteEndPoint = new IPEndPoint(new IPAddress([10, 0, 0, address]), 1) };
        await connections.ServeAsync(connection, async _ =>
        {
            isServed = true;
            await meanwhile;
        });
        if (!isServed)
        {
            var ended = new TaskCompletionSource();
            await using var told = connection.ConnectionClosed.Register(ended.SetResult);
            await ended.Task;
        }

        return isServed;
    }
}
