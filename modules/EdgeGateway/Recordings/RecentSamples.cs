using System.Collections.Immutable;
using EdgeGateway.Storage;

namespace EdgeGateway.Recordings;

/// <summary>The newest samples of one sensor, at most 600: 10 KB.</summary>
internal sealed class RecentSamples
{
    /// <summary>Training begins to look at row 400; an event behind these counts, with some normal windows before it.</summary>
    public const int Capacity = 600;

    private readonly SensorSample[] samples = new SensorSample[Capacity];
    private int next;
    private int count;
    private int calm;

    /// <summary>Whether there are as many as are kept.</summary>
    public bool IsFull => count == Capacity;

    /// <summary>Whether nothing was wrong with the sensor and its asset in any of them.</summary>
    public bool IsCalm => calm >= count;

    /// <summary>All of them, oldest first.</summary>
    public IEnumerable<SensorSample> All() => Enumerable.Range(0, count).Select(i => samples[(next - count + i + Capacity) % Capacity]);

    /// <summary>Takes the samples of one hop. A clock that was set back begins anew.</summary>
    /// <param name="isCalm">Nothing is wrong with the sensor and its asset.</param>
    public void Add(ImmutableArray<SensorSample> hop, bool isCalm)
    {
        foreach (var sample in hop)
        {
            (count, calm) = count > 0 && sample.Ticks <= samples[(next + Capacity - 1) % Capacity].Ticks ? (0, 0) : (count, calm);
            samples[next] = sample;
            next = (next + 1) % Capacity;
            count = Math.Min(count + 1, Capacity);
        }

        calm = isCalm ? Math.Min(calm + hop.Length, Capacity) : 0;
    }
}
