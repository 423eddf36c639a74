using EdgeGateway.ModelKit.Canonical;
using EdgeGateway.Models;
using EdgeGateway.Prompts;
using EdgeGateway.Tests.Phi;
using EdgeGateway.Updates.Proving;
using SensorSimulator.Synthesis;

namespace EdgeGateway.Tests.Updates.Proving;

public sealed class CanonicalWindowsTests
{
    private static readonly CanonicalWindows Image = ProvenModels.Windows;

    [Fact]
    public void The_image_has_200_windows_of_each_kind_of_fault_and_4000_normal_ones_and_the_shortest_proof_a_fifth_and_a_tenth_of_them()
    {
        string[] kinds = [.. Enum.GetNames<FaultKind>().Select(k => k.ToLowerInvariant())];
        foreach (var (windows, ofKind, normal) in new[] { (Image.All, 200, 4_000), (Image.All[..CanonicalWindows.Fewest], 40, 400) })
        {
            Assert.All(kinds, kind => Assert.Equal(ofKind, windows.Count(w => w.Kind == kind)));
            Assert.Equal(normal, windows.Count(w => w.Kind == LabelSpec.Normal));
            Assert.Equal(CanonicalDraw.Count(ofKind, normal), windows.Length);
        }
    }

    [Fact]
    public void Kinds_are_those_that_the_built_in_model_names() =>
        Assert.Subset(SensorModel.Load(LoadedModel.BuiltIn).Labels.Select(l => l.Kind).ToHashSet(), Image.All.Select(w => w.Kind).ToHashSet());

    [Fact]
    public void A_part_of_them_is_drawn_again_from_the_generator()
    {
        var drawn = CanonicalDraw.Draw(ofKind: 20, normal: 400, _ => { }).All.GroupBy(w => w.Kind);
        Assert.Equal(10, drawn.Count());
        foreach (var (again, image) in drawn.SelectMany(kind => kind.Zip(Image.All.Where(w => w.Kind == kind.Key))))
        {
            // the last digits of sine and logarithm are not the same on every machine
            Assert.All(image.Fields.Zip(again.Fields), f => Assert.True(f.First.Equals(f.Second) || Math.Abs(f.First - f.Second) <= 1e-3 * (1 + Math.Abs(f.First)), $"{f.First} is {f.Second} now"));
        }
    }

    [Fact]
    public void What_is_stored_is_as_good_as_the_field_itself()
    {
        Assert.Equal(1.2345, CanonicalWindows.Stored(1.2345), 1.2345 * Math.Pow(2, -13));
        Assert.Equal(-1e6, CanonicalWindows.Stored(-1e6), 1e6 * Math.Pow(2, -13));
        Assert.Equal(0, CanonicalWindows.Stored(0));
        Assert.True(float.IsNaN(CanonicalWindows.Stored(double.NaN)));
    }

    [Fact]
    public void The_same_windows_are_written_to_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        Image.Save(folder.File("again"));
        Assert.Equal(File.ReadAllBytes(CanonicalWindows.BuiltIn), File.ReadAllBytes(folder.File("again")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void A_damaged_file_is_refused_in_a_sentence(int length)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("cut"), File.ReadAllBytes(CanonicalWindows.BuiltIn)[..length]);
        Assert.EndsWith("install the gateway's image again.", Assert.Throws<InvalidDataException>(() => CanonicalWindows.Load(folder.File("cut"))).Message, StringComparison.Ordinal);
    }
}
