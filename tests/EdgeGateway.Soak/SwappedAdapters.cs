using EdgeGateway.Phi;
using EdgeGateway.Phi.Lora;

namespace EdgeGateway.Soak;

/// <summary>Asks from two threads, every fifth time without an adapter, while the adapter is loaded anew every 50 questions and the one before it is disposed, used or not.</summary>
/// <param name="model">Loaded with room for adapters.</param>
/// <param name="adapters">Folders, taken in turn.</param>
/// <param name="prompts">Taken in turn.</param>
/// <param name="ask">Gives the answer to a prompt; from several threads.</param>
internal sealed class SwappedAdapters(PhiModel model, IReadOnlyList<string> adapters, IReadOnlyList<int[]> prompts, Func<int[], LoraAdapter?, int[]> ask) : IDisposable
{
    private const int AnswersBetweenSwaps = 50;
    private const int AnswersBetweenPlain = 5;
    private LoraAdapter current = model.LoadAdapter(adapters[0]);
    private int refused;

    public Answers Answers { get; } = new();

    /// <summary>Questions that came too late for their adapter and were asked again with the next one.</summary>
    public int Refused => Volatile.Read(ref refused);

    /// <summary>Asks the questions with these numbers; what the engine throws on the second thread ends the process.</summary>
    public void Run(Range numbers, CancellationToken token)
    {
        var next = numbers.Start.Value - 1;

        // not from the thread pool: each of its threads that ever asked may keep an arena of the native allocator
        var second = new Thread(Work);
        second.Start();
        Work();
        second.Join();
        token.ThrowIfCancellationRequested();

        void Work()
        {
            while (!token.IsCancellationRequested && Interlocked.Increment(ref next) is var number && number < numbers.End.Value)
            {
                if (number % AnswersBetweenSwaps == 0)
                {
                    var folder = adapters[number / AnswersBetweenSwaps % adapters.Count];
                    Interlocked.Exchange(ref current, model.LoadAdapter(folder)).Dispose();
                }

                Ask(number);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => current.Dispose();

    private void Ask(int number)
    {
        for (var adapter = Current(number); ; adapter = Current(number))
        {
            try
            {
                var answer = ask(prompts[number % prompts.Count], adapter);
                Answers.Add($"prompt {number % prompts.Count}, {adapter?.Name ?? "no adapter"}", answer);
                return;
            }
            catch (ObjectDisposedException) when (adapter is not null && adapter != Volatile.Read(ref current))
            {
                Interlocked.Increment(ref refused);
            }
        }
    }

    private LoraAdapter? Current(int number) => number % AnswersBetweenPlain == 0 ? null : Volatile.Read(ref current);
}
