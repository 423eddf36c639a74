using System.Collections.Immutable;
using CsCheck;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Windows;

namespace EdgeGateway.Tests.Windows;

/// <summary>Limits with delays and hysteresis against a naive reference that looks at the whole series for every reading.</summary>
public class LimitWatchProperties
{
    private const int LongestGap = 20;
    private static readonly double[] Levels = [-0.5, -0.01, 0, 0.05, 0.2, 0.5, 0.8, 0.95, 1, 1.01, 1.5, double.NaN];

    private static readonly Gen<Case> Cases =
        from delays in Gen.Select(Gen.Int[0, 12], Gen.Int[0, 12])
        from hysteresis in Gen.Int[0, 2]
        from points in Gen.Select(Gen.Int[0, 59], Gen.Int[0, Levels.Length - 1], Gen.Int[0, 19]).Array[1, 120]
        select new Case(delays.Item1, delays.Item2, 0.1 * hysteresis, points);

    private sealed record Case(int On, int Off, double Hysteresis, (int Pause, int Level, int What)[] Points);

    private readonly record struct Point(int Time, double Value, bool ClockStep, bool Restart);

    private readonly record struct Crossing(bool Outside, int At, int Since);

    [Fact]
    public void Crossings_are_those_of_the_whole_series_also_over_restarts_gaps_and_a_clock_that_is_set_back() => Cases.Sample(
        run =>
        {
            var points = PointsOf(run);
            Assert.Equal(Expected(run, points, LongestGap), Seen(run, points, sample: null));
        },
        iter: 3000);

    [Fact]
    public void Of_a_sensor_that_reports_on_change_they_are_those_of_a_reading_every_second() => Cases.Sample(
        run =>
        {
            var points = PointsOf(run).Select(p => p with { ClockStep = false }).OrderBy(p => p.Time).DistinctBy(p => p.Time).ToArray();
            List<Point> dense = [];
            for (var (second, next) = (points[0].Time, 0); second <= points[^1].Time; second++)
            {
                dense.Add(points[next].Time == second ? points[next++] : dense[^1] with { Time = second });
            }

            Assert.Equal(Expected(run, [.. dense], int.MaxValue), Seen(run, points, TimeSpan.FromSeconds(1)));
        },
        iter: 3000);

    private static Point[] PointsOf(Case run)
    {
        var time = 10_000;
        return [.. run.Points.Select(p =>
        {
            time += p.What == 0 ? -500 : p.Pause >= 50 ? p.Pause : 1 + (p.Pause % 5);
            return new Point(time, Levels[p.Level], ClockStep: p.What == 0, Restart: p.What == 1);
        })];
    }

    private static List<Crossing> Seen(Case run, Point[] points, TimeSpan? sample)
    {
        var source = Any.Source() with
        {
            Ranges = ImmutableDictionary<string, ValueRange>.Empty.Add("", new ValueRange(0, 1)),
            Hysteresis = ImmutableDictionary<string, double>.Empty.Add("", run.Hysteresis),
            OnDelay = TimeSpan.FromSeconds(run.On),
            OffDelay = TimeSpan.FromSeconds(run.Off),
            Sample = sample,
            SilentAfter = sample is null ? TimeSpan.FromSeconds(LongestGap) : null,
        };
        var sensor = Any.Sensor(source: source);
        var (windower, events) = (NewWindower(), new List<StageEvent>());
        foreach (var point in points)
        {
            if (point.Restart)
            {
                windower = Restarted(windower, sensor, events);
            }

            if (sample is not null && point.Time % 3 == 0)
            {
                windower.Tick(At(point.Time), events);
            }

            windower.Add(new SensorReading(sensor, At(point.Time), point.Value, At(point.Time), point.ClockStep, LastOfMessage: true), events);
        }

        return [.. events.OfType<LimitCrossing>().Select(c => new Crossing(c.Outside, Second(c.At), Second(c.Since)))];
    }

    private static Windower NewWindower()
    {
        var windower = new Windower();
        windower.Observe(Any.Noon.AddHours(-1));
        return windower;
    }

    private static Windower Restarted(Windower before, Sensor sensor, List<StageEvent> events)
    {
        var next = NewWindower();
        foreach (var state in before.States)
        {
            using var file = new MemoryStream();
            using var writer = new BinaryWriter(file);
            state.WriteTo(writer);
            writer.Flush();
            file.Position = 0;
            using var reader = new BinaryReader(file);
            next.Restore(SensorState.Read(sensor, reader)!);
        }

        next.Resume([], events.OfType<LimitCrossing>().LastOrDefault() is { Outside: true } ? [sensor.Id] : []);
        return next;
    }

    /// <summary>For every value: back to where its side began, over no gap and no clock step.</summary>
    private static List<Crossing> Expected(Case run, Point[] points, int longestGap)
    {
        var values = ValuesOf(points, longestGap);
        var crossings = new List<Crossing>();
        var told = false;
        for (var i = 0; i < values.Count; i++)
        {
            var outside = IsOutside(run, values, i);
            var begin = i;
            while (begin > 0 && !values[begin].Anew && IsOutside(run, values, begin - 1) == outside)
            {
                begin--;
            }

            if (outside != told && values[i].Time - values[begin].Time >= (outside ? run.On : run.Off))
            {
                told = outside;
                crossings.Add(new Crossing(outside, values[i].Time, values[begin].Time));
            }
        }

        return crossings;
    }

    /// <summary>The values that are not missing, and whether nobody knows what was before.</summary>
    private static List<(int Time, double Value, bool Anew)> ValuesOf(Point[] points, int longestGap)
    {
        var values = new List<(int Time, double Value, bool Anew)>();
        var stepped = false;
        foreach (var point in points)
        {
            stepped |= point.ClockStep;
            if (!double.IsNaN(point.Value))
            {
                values.Add((point.Time, point.Value, stepped || (values.Count > 0 && point.Time - values[^1].Time > longestGap)));
                stepped = false;
            }
        }

        return values;
    }

    private static bool IsOutside(Case run, List<(int Time, double Value, bool Anew)> values, int last)
    {
        for (var i = last; i >= 0; i--)
        {
            var value = values[i].Value;
            if (value is < 0 or > 1)
            {
                return true;
            }

            if (value >= run.Hysteresis && value <= 1 - run.Hysteresis)
            {
                return false;
            }
        }

        return false;
    }

    private static DateTimeOffset At(int second) => Any.Noon.AddSeconds(second);

    private static int Second(DateTimeOffset time) => (int)(time - Any.Noon).TotalSeconds;
}
