using System.Globalization;
using CsCheck;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Tests.Windows.Fields;

public sealed class NaiveTests
{
    private const int Length = 2200;
    private const int Stored = 10; // every 10th hop end stands in the file

    private static string VectorFile => Path.Combine(SharedFolder.RepositoryRoot, "tests", "vectors", "fields", "synthetic.csv");

    [Fact]
    public void The_stream_equals_the_recipe_computed_over_the_whole_history()
    {
        AssertSame(NaiveFields.Of(SyntheticSeries.Make(Length)), Stream(SyntheticSeries.Make(Length)));
    }

    [Fact]
    public void Short_random_series_equal_the_recipe_too()
    {
        var value = Gen.Frequency((6, Gen.Double[-3, 3]), (2, Gen.Int[-2, 2].Select(i => (double)i)), (1, Gen.Const(double.NaN)), (1, Gen.Double[-1e6, 1e6]));
        var sample = Gen.Select(Gen.Double[0, 2000], value);
        sample.Array[0, 600].Sample(
            steps =>
            {
                var time = 1.6e9;
                var series = steps.Select(step => (time += step.Item1, step.Item2)).ToList();
                AssertSame(NaiveFields.Of(series), Stream(series));
            },
            iter: 40);
    }

    [Fact]
    public void The_stream_equals_the_committed_vectors()
    {
        var expected = File.ReadLines(VectorFile).Skip(1).Select(line => line.Split(',')).Select(cells => (
            int.Parse(cells[0], CultureInfo.InvariantCulture),
            cells.Skip(1).Select(cell => cell.Length == 0 ? double.NaN : double.Parse(cell, CultureInfo.InvariantCulture)).ToArray())).ToList();
        Assert.Equal(Length / SensorFields.Hop / Stored, expected.Count);
        AssertSame(expected, [.. Stream(SyntheticSeries.Make(Length)).Where(hop => hop.Pushes % (Stored * SensorFields.Hop) == 0)]);
    }

    /// <summary>Run with "-explicit only" after a change of the recipe; the file comes from the slow implementation, never from the stream.</summary>
    [Fact(Explicit = true)]
    public void Write_the_vector_file_anew()
    {
        var lines = NaiveFields.Of(SyntheticSeries.Make(Length))
            .Where(hop => hop.Pushes % (Stored * SensorFields.Hop) == 0)
            .Select(hop => string.Join(',', hop.Raw.Select(Cell).Prepend(hop.Pushes.ToString(CultureInfo.InvariantCulture))));
        Directory.CreateDirectory(Path.GetDirectoryName(VectorFile)!);
        File.WriteAllText(VectorFile, string.Concat(lines.Prepend("pushes," + string.Join(',', SensorFields.Names)).Select(line => line + "\n")));
    }

    private static string Cell(double value) => double.IsNaN(value) ? "" : value.ToString("G10", CultureInfo.InvariantCulture);

    private static List<(int Pushes, double[] Raw)> Stream(IReadOnlyList<(double Seconds, double Value)> series)
    {
        var sensor = new SensorFields();
        var hops = new List<(int, double[])>();
        for (var i = 0; i < series.Count; i++)
        {
            var raw = new double[SensorFields.Count];
            if (sensor.Push(series[i].Value, series[i].Seconds, raw))
                hops.Add((i + 1, raw));
        }
        return hops;
    }

    private static void AssertSame(List<(int Pushes, double[] Raw)> expected, List<(int Pushes, double[] Raw)> actual)
    {
        Assert.Equal(expected.Select(hop => hop.Pushes), actual.Select(hop => hop.Pushes));
        foreach (var (should, made) in expected.Zip(actual))
            for (var i = 0; i < SensorFields.Count; i++)
                Assert.True(
                    double.IsNaN(should.Raw[i]) ? double.IsNaN(made.Raw[i]) : Math.Abs(made.Raw[i] - should.Raw[i]) <= 1e-9 + 1e-6 * Math.Abs(should.Raw[i]),
                    $"After {should.Pushes} pushes, {SensorFields.Names[i]}: {made.Raw[i]:R} instead of {should.Raw[i]:R}.");
    }
}
