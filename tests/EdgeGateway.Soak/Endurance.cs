using System.Globalization;
using EdgeGateway.Soak.Harness;

namespace EdgeGateway.Soak;

/// <summary>Repeats something in ten equal parts and prints after each of them what the process holds.</summary>
internal sealed class Endurance(TextWriter output, TimeProvider clock)
{
    private const int Parts = 10;
    private const double MostGrowth = 1.03;

    /// <summary>True when resident memory after the last part is at most 1.03 of that after the second and handles are equal; the first part is the warm-up.</summary>
    /// <param name="times">How often, a multiple of ten.</param>
    /// <param name="run">Does one part: the given numbers, of 0 to <paramref name="times"/>.</param>
    public bool Run(int times, Action<Range> run)
    {
        output.WriteLine("     done   resident    managed   handles   threads   time");
        var began = clock.GetTimestamp();
        var held = new Holding[Parts];
        for (var part = 0; part < Parts; part++)
        {
            var done = times / Parts * (part + 1);
            run((times / Parts * part)..done);
            held[part] = Holding.Measure();
            output.WriteLine(Text(
                $"{done,9:#,0} {held[part].ResidentBytes / 1e6,7:0.0} MB {held[part].ManagedBytes / 1e6,7:0.00} MB {held[part].Handles,9} {held[part].Threads,9} {clock.GetElapsedTime(began).TotalSeconds,5:0} s"));
        }

        var (second, last) = (held[1], held[^1]);
        var growth = last.ResidentBytes / (double)second.ResidentBytes;
        output.WriteLine(Text($"memory in the last tenth {growth:0.000} of that in the second (at most {MostGrowth}), handles {second.Handles} and {last.Handles}"));
        return growth <= MostGrowth && last.Handles == second.Handles;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
