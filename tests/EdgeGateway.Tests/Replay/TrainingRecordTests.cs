using EdgeGateway.Replay;
using EdgeGateway.Tests.Phi;

namespace EdgeGateway.Tests.Replay;

/// <summary>Series that a model was trained on are told by their samples, and not evaluated.</summary>
public sealed class TrainingRecordTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void The_hash_names_the_samples_and_not_the_bits_of_a_missing_value()
    {
        var other = BitConverter.UInt64BitsToDouble(0x7FF8_0000_0000_0001);
        Assert.Equal(Hash(1, double.NaN, 3), Hash(1, other, 3));
        Assert.NotEqual(Hash(1, 2, 3), Hash(1, 2, 4));
        Assert.NotEqual(Hash(1, 2, 3), Hash(1, 2));
    }

    [Fact]
    public void A_series_that_was_trained_on_is_refused_under_any_name()
    {
        Write($$"""{"schema":1,"data":"d","seed":1,"generated":10,"recorded":[{"name":"a.csv","set":"s","device":"a","hash":"{{Hash(1, 2, 3)}}"}]}""");
        var record = TrainingRecord.Load(folder.Path)!;
        record.RefuseTrained("b.csv", Hash(1, 2, 4));
        var refused = Assert.Throws<InvalidDataException>(() => record.RefuseTrained("b.csv", Hash(1, 2, 3)));
        Assert.Contains("b.csv cannot be evaluated: the model or its adapter was trained on it (as a.csv of s)", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"schema":2,"data":"d","seed":1,"generated":10,"recorded":[]}""")]
    [InlineData("""{"schema":1,"data":"d","seed":1,"generated":10,"recorded":null}""")]
    public void A_record_of_another_form_is_refused(string json)
    {
        Write(json);
        Assert.Contains(TrainingRecord.FileName, Assert.Throws<InvalidDataException>(() => TrainingRecord.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_folder_may_have_none() => Assert.Null(TrainingRecord.Load(folder.Path));

    public void Dispose() => folder.Dispose();

    private static string Hash(params double[] values) => SeriesHash.Of(values.Select((v, i) => new RecordedRow(Start.AddMinutes(i), [v])));

    private void Write(string json) => File.WriteAllText(folder.File(TrainingRecord.FileName), json);
}
