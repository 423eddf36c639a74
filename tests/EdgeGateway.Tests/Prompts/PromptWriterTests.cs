using EdgeGateway.Prompts;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Tests.Prompts;

public class PromptWriterTests
{
    [Fact]
    public void Each_field_is_its_code_and_one_digit()
    {
        var model = Any.SensorModel();
        double[] fields = [.. Enumerable.Range(0, SensorFields.Count).Select(i => (double)(i % 11))];
        fields[3] = double.NaN;
        Assert.Equal("a0b1c2d-e4f5g6h7i8j9k9l0m1n2o3p4q5r6s7t8u9v9w0x1y2z3A4B5C6D7E8F9=", Write(model, fields));
    }

    [Fact]
    public void Which_fields_and_in_which_order_is_the_models_own_matter()
    {
        var model = Any.SensorModel();
        var (first, second) = (model.Fields[5] with { Code = "x" }, model.Fields[2] with { Code = "<y>" });
        double[] fields = new double[SensorFields.Count];
        (fields[5], fields[2]) = (3, 7);
        Assert.Equal("x3<y>7 ->", Write(model with { Fields = [first, second], Suffix = " ->" }, fields));
    }

    [Fact]
    public void A_level_rises_exactly_at_its_edge()
    {
        var model = Any.SensorModel();
        double[] fields = new double[SensorFields.Count];
        (fields[0], fields[1]) = (5, Math.BitDecrement(5.0));
        Assert.StartsWith("a5b4", Write(model, fields), StringComparison.Ordinal);
    }

    private static string Write(SensorModel model, double[] fields)
    {
        var window = Any.Window(Any.Sensor(), 0) with { Fields = [.. fields] };
        return new PromptWriter(model).Write(window).Text;
    }
}
