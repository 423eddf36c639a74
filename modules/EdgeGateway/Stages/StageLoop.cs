using System.Threading.Channels;

namespace EdgeGateway.Stages;

/// <summary>The loop of every stage behind Ingest: takes until the input completes, then completes the output; a fault goes on to the next stage and stops the host.</summary>
internal static class StageLoop
{
    public static async Task RunAsync<TIn, TOut>(ChannelReader<TIn> input, ChannelWriter<TOut> output, StagePulse pulse, Func<TIn, ValueTask> take)
    {
        Exception? fault = null;
        try
        {
            await foreach (var item in input.ReadAllAsync(CancellationToken.None))
            {
                pulse.Begin();
                await take(item);
                pulse.End();
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

    /// <summary>
    /// The same on a thread of its own, for a stage whose work blocks: on a gateway with two cores the pool has two threads, and a computing one would hold up all other stages.
    /// </summary>
    public static Task RunOnOwnThreadAsync<TIn, TOut>(ChannelReader<TIn> input, ChannelWriter<TOut> output, StagePulse pulse, Action<TIn> take) => Task.Factory.StartNew(
        () =>
        {
            Exception? fault = null;
            try
            {
                while (Await(input.WaitToReadAsync()))
                {
                    while (input.TryRead(out var item))
                    {
                        pulse.Begin();
                        take(item);
                        pulse.End();
                    }
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
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Writes from a stage's own thread, which waits while the channel is full.</summary>
    public static void Write<T>(ChannelWriter<T> output, T item)
    {
        while (!output.TryWrite(item))
        {
            if (!Await(output.WaitToWriteAsync()))
            {
                throw new ChannelClosedException();
            }
        }
    }

    /// <summary>Waits on this thread. A task's own wait would spin and yield before it sleeps, which was a tenth of what a gateway with a hundred sensors takes.</summary>
    private static bool Await(ValueTask<bool> ready)
    {
        var awaiter = ready.GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            using var completed = new ManualResetEventSlim(initialState: false, spinCount: 0);
            awaiter.UnsafeOnCompleted(completed.Set);
            completed.Wait();
        }

        return awaiter.GetResult();
    }
}
