using System.Threading.Channels;

namespace EdgeGateway.Stages;

/// <summary>The loop of every stage behind Ingest: takes until the input completes, then completes the output; a fault goes on to the next stage and stops the host.</summary>
internal static class StageLoop
{
    public static async Task RunAsync<TIn, TOut>(ChannelReader<TIn> input, ChannelWriter<TOut> output, Func<TIn, ValueTask> take)
    {
        Exception? fault = null;
        try
        {
            await foreach (var item in input.ReadAllAsync(CancellationToken.None))
            {
                await take(item);
            }
        }
        catch (Exception e)
        {
            fault = e;
            throw;
        }
        finally
        {
            output.TryComplete(fault);
        }
    }
}
