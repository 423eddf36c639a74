using System.Globalization;
using EdgeGateway.Soak.Fuzzing;

namespace EdgeGateway.Soak;

/// <summary>Every parser of packages under a million inputs that are nearly valid: each is read or refused, in bounded time and memory, and nothing is thrown but refusals.</summary>
internal sealed class Fuzz(TextWriter output, TimeProvider clock)
{
    private const int Inputs = 1_000_000;
    private const int Block = 1_000;
    private const long MostAllocated = 16 * 1024 * 1024;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(1); // a full collection may fall into one
    private static readonly FuzzedParser[] Parsers = [.. SealingParsers.All, .. PackageParsers.All];

    /// <summary>Runs and prints all parsers; true when all targets are met.</summary>
    public bool Run(CancellationToken token)
    {
        output.WriteLine($"{Inputs:#,0} inputs for each parser, {Environment.ProcessorCount} threads; at most {MostTime.TotalSeconds:0} s and {MostAllocated >> 20} MiB for one of them");
        output.WriteLine("parser               accepted   slowest   most allocated   mean        time   crashes");
        var held = true;
        foreach (var parser in Parsers)
        {
            held &= Run(parser, token);
        }

        output.WriteLine(held ? "fuzz: all targets met" : "fuzz: NOT all targets met");
        return held;
    }

    private bool Run(FuzzedParser parser, CancellationToken token)
    {
        var (began, total, crashes) = (clock.GetTimestamp(), new Tally(), new List<string>());
        Parallel.For(0, Inputs / Block, new ParallelOptions { CancellationToken = token, MaxDegreeOfParallelism = Environment.ProcessorCount }, block =>
        {
            var (random, tally) = (new Random(block), new Tally());
            for (var i = 0; i < Block; i++)
            {
                var input = parser.Input(random);
                var (start, before) = (clock.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
                try
                {
                    tally.Accepted += parser.Accepts(input) ? 1 : 0;
                }
                catch (Exception e) // whatever it is, it should not have come out
                {
                    lock (crashes)
                    {
                        crashes.Add($"block {block}, input {i}: {e.GetType().Name}: {e.Message}");
                    }
                }

                tally.Add(clock.GetElapsedTime(start), GC.GetAllocatedBytesForCurrentThread() - before);
            }

            lock (total)
            {
                total.Add(tally);
            }
        });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{parser.Name,-20} {(double)total.Accepted / Inputs,8:0.00 %} {total.Slowest.TotalMilliseconds,6:0} ms {total.MostAllocated / 1024.0,12:0} KiB {total.Spent.TotalMicroseconds / Inputs,6:0.0} us {clock.GetElapsedTime(began).TotalSeconds,6:0} s {crashes.Count,9}"));
        crashes.Take(5).ToList().ForEach(crash => output.WriteLine($"  {crash}"));
        return crashes.Count == 0 && total.Accepted > 0 && total.Slowest <= MostTime && total.MostAllocated <= MostAllocated;
    }

    private sealed class Tally
    {
        public int Accepted { get; set; }

        public TimeSpan Slowest { get; private set; }

        public TimeSpan Spent { get; private set; }

        public long MostAllocated { get; private set; }

        public void Add(TimeSpan time, long allocated)
        {
            Spent += time;
            (Slowest, MostAllocated) = (time > Slowest ? time : Slowest, Math.Max(MostAllocated, allocated));
        }

        public void Add(Tally other)
        {
            Accepted += other.Accepted;
            Spent += other.Spent;
            (Slowest, MostAllocated) = (other.Slowest > Slowest ? other.Slowest : Slowest, Math.Max(MostAllocated, other.MostAllocated));
        }
    }
}
