using System.Collections.Immutable;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Training;
using EdgeGateway.Tests.Phi;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Tests.PhiTrain;

/// <summary>The files that phitrain writes on its way: parts, windows, curves.</summary>
public sealed class TrainingFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void A_part_is_read_back_as_it_was_written()
    {
        var written = RawSeries.Generate(3, 1);
        new PartFolder(folder.Path, "seed 3").Write("a", [written]);
        var read = Assert.Single(new PartFolder(folder.Path, "seed 3").Read("a")!);
        Assert.Equal(written.Fields, read.Fields);
        Assert.Equal(written.Classes, read.Classes);
        Assert.Equal(written.Kinds, read.Kinds);
        Assert.Equal(written.Events, read.Events);
        Assert.Equal(written.Ends, read.Ends);
        Assert.Equal((written.Samples, written.Origin), (read.Samples, read.Origin));
        Assert.Equal(written.Faults.AsEnumerable(), read.Faults);
    }

    [Theory]
    [InlineData("cut off")]
    [InlineData("zero-filled")]
    [InlineData("empty")]
    [InlineData("one bit")]
    public void A_part_that_is_damaged_is_made_again(string how)
    {
        new PartFolder(folder.Path, "seed 3").Write("a", [RawSeries.Generate(3, 1)]);
        Damage(folder.File("a.part"), how);
        var parts = new PartFolder(folder.Path, "seed 3");
        Assert.Null(parts.Read("a"));
        Assert.Equal(1, parts.Unusable);
    }

    [Fact]
    public void A_part_of_other_settings_is_made_again()
    {
        new PartFolder(folder.Path, "seed 3").Write("a", [RawSeries.Generate(3, 1)]);
        var parts = new PartFolder(folder.Path, "seed 4");
        Assert.Null(parts.Read("a"));
        Assert.Null(parts.Read("b"));
        Assert.Equal(1, parts.Unusable);
    }

    [Fact]
    public void A_part_under_the_name_of_another_is_made_again()
    {
        new PartFolder(folder.Path, "seed 3").Write("a", [RawSeries.Generate(3, 1)]);
        File.Copy(folder.File("a.part"), folder.File("b.part"));
        Assert.Null(new PartFolder(folder.Path, "seed 3").Read("b"));
    }

    [Fact]
    public void Windows_are_read_back_with_where_each_series_comes_from()
    {
        var written = SomeWindows();
        written.Write(folder.File("w.bin"));
        var read = WindowFile.Read(folder.File("w.bin"));
        Assert.Equal(written.Windows.Digits, read.Windows.Digits);
        Assert.Equal(written.Windows.Series, read.Windows.Series);
        Assert.Equal(written.Edges, read.Edges);
        Assert.Equal(written.Origins.AsEnumerable(), read.Origins);
        Assert.Equal((1, 2), (read.Generated, read.Series));
    }

    [Theory]
    [InlineData("cut off", "is cut off or damaged; make it again with phitrain data")]
    [InlineData("one bit", "is cut off or damaged; make it again with phitrain data")]
    [InlineData("zero-filled", "is no file of training windows")]
    [InlineData("empty", "is no file of training windows")]
    public void Windows_that_are_damaged_are_refused_in_one_sentence(string how, string reason)
    {
        SomeWindows().Write(folder.File("w.bin"));
        Damage(folder.File("w.bin"), how);
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => WindowFile.Read(folder.File("w.bin"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "none of its windows is in a fault or labelled event")]
    [InlineData(1, "none of its windows is normal")]
    public void Windows_of_one_class_are_refused_in_one_sentence(int kept, string reason)
    {
        var both = SomeWindows();
        both.NeedBothClasses("w.bin");
        both.Windows.Classes[1 - kept] = WindowClass.Ignored;
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => both.NeedBothClasses("w.bin")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_curves_of_a_training_that_was_killed_twice_are_whole()
    {
        Append([(1, null), (2, .5), (3, null)]);
        File.AppendAllText(folder.File(TrainingLog.FileName), "student,4,1");
        Append([(3, null), (4, .75)]);
        var curve = Assert.Single(TrainingLog.Read(folder.Path));
        Assert.Equal([(1, null), (2, .5), (3, null), (4, .75)], curve.Select(p => (p.Step, p.F1)));
        Assert.Equal(1.0 / 3, curve[2].Loss);
    }

    [Fact]
    public void A_training_that_began_anew_has_no_steps_of_the_one_before()
    {
        Append([(1, null), (2, .5), (3, null)]);
        Append([(1, .1)]);
        Assert.Equal(.1, Assert.Single(Assert.Single(TrainingLog.Read(folder.Path))).F1);
    }

    [Fact]
    public void A_folder_without_curves_is_refused()
    {
        Assert.Contains("holds no step of a training", Assert.Throws<InvalidDataException>(() => TrainingLog.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private void Append((int Step, double? F1)[] points)
    {
        using var log = new TrainingLog(folder.Path);
        Array.ForEach(points, p => log.Add(new TrainingPoint("student", p.Step, 10, 1.0 / p.Step, p.F1)));
    }

    private static WindowFile SomeWindows()
    {
        var windows = new TrainingWindows
        {
            Digits = [.. Enumerable.Range(0, 2 * SensorFields.Count).Select(i => (byte)(i % 11))],
            Classes = [WindowClass.Normal, WindowClass.Candidate],
            Kinds = [0, 3],
            Events = [-1, 0],
            Series = [0, 1],
        };
        double[][] edges = [.. Enumerable.Range(0, SensorFields.Count).Select(f => Enumerable.Range(0, FieldLevels.EdgesPerField).Select(k => f + (k / 10.0)).ToArray())];
        ImmutableArray<SeriesOrigin> origins = [SeriesOrigin.Generated("ab"), new SeriesOrigin(SeriesKind.Recorded, "a/b.csv", "set", "device", "cd")];
        return new WindowFile(7, edges, windows, origins);
    }

    private static void Damage(string path, string how)
    {
        var bytes = File.ReadAllBytes(path);
        switch (how)
        {
            case "cut off": bytes = bytes[..(bytes.Length - 100)]; break;
            case "zero-filled": Array.Clear(bytes); break;
            case "empty": bytes = []; break;
            default: bytes[bytes.Length / 2] ^= 1; break;
        }

        File.WriteAllBytes(path, bytes);
    }
}
