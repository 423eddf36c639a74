using System.Globalization;
using EdgeGateway.Soak.Harness;

namespace EdgeGateway.Soak;

/// <summary>Repeats something in ten equal parts and prints after each of them what the process holds.</summary>
internal sealed class Endurance(TextWriter output, TimeProvider clock)
{
    private const int Parts = 10;
    private const double MostGrowth = 1.03;
    private readonly Holding[] held = new Holding[Parts];
    private long began;

    /// <summary>True when resident memory after the last part is at most 1.03 of that after the second and handles are equal; the first part is the warm-up.</summary>
    /// <param name="times">How often, a multiple of ten.</param>
    /// <param name="run">Does one part: the given numbers, of 0 to <paramref name="times"/>.</param>
    public bool Run(int times, Action<Range> run)
    {
        Begin();
        for (var part = 0; part < Parts; part++)
        {
            run(Part(times, part));
            Measure(times, part);
        }

        return IsFlat();
    }

    /// <summary>The same for parts that wait.</summary>
    public async Task<bool> RunAsync(int times, Func<Range, Task> run)
    {
        Begin();
        for (var part = 0; part < Parts; part++)
        {
            await run(Part(times, part));
            Measure(times, part);
        }

        return IsFlat();
    }

    private static Range Part(int times, int part) => (times / Parts * part)..(times / Parts * (part + 1));

    private void Begin()
    {
        output.WriteLine("     done   resident    managed   handles   threads   time");
        began = clock.GetTimestamp();
    }

    private void Measure(int times, int part)
    {
        var now = held[part] = Holding.Measure();
        output.WriteLine(Text(
            $"{Part(times, part).End.Value,9:#,0} {now.ResidentBytes / 1e6,7:0.0} MB {now.ManagedBytes / 1e6,7:0.00} MB {now.Handles,9} {now.Threads,9} {clock.GetElapsedTime(began).TotalSeconds,5:0} s"));
    }

    private bool IsFlat()
    {
        var (second, last) = (held[1], held[^1]);
        var growth = last.ResidentBytes / (double)second.ResidentBytes;
        output.WriteLine(Text($"memory in the last tenth {growth:0.000} of that in the second (at most {MostGrowth}), handles {second.Handles} and {last.Handles}"));
        return growth <= MostGrowth && last.Handles == second.Handles;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
