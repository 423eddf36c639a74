using System.Collections.Concurrent;

namespace EdgeGateway.Soak;

/// <summary>Remembers the first answer to each question and counts later ones that differ in a bit. Safe for many threads.</summary>
internal sealed class Answers
{
    private readonly ConcurrentDictionary<string, int[]> first = new();
    private int unlike;

    /// <summary>Answers that were not the first one again.</summary>
    public int Unlike => Volatile.Read(ref unlike);

    /// <summary>Different questions.</summary>
    public int Questions => first.Count;

    /// <summary>Takes an answer: tokens, or the bits of numbers.</summary>
    public void Add(string question, int[] answer)
    {
        if (!first.GetOrAdd(question, answer).AsSpan().SequenceEqual(answer))
        {
            Interlocked.Increment(ref unlike);
        }
    }
}
