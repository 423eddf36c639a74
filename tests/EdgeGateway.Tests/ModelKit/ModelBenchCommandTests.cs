using System.Text.RegularExpressions;
using EdgeGateway.Commands;
using EdgeGateway.Models;

namespace EdgeGateway.Tests.ModelKit;

public sealed partial class ModelBenchCommandTests
{
    [Fact]
    public async Task Readings_can_go_through_the_stages_meanwhile()
    {
        var (code, output, error) = await Tool.RunAsync(
            "model", "bench", LoadedModel.BuiltIn, "--forms", "float", "--prefix", "1", "--suffix", "33", "--seconds", "0.01", "--rounds", "1", "--beside-ingest", "2000");
        Assert.Equal((0, ""), (code, error));
        Assert.Matches(ReadingsBeside(), output);
    }

    [GeneratedRegex("\\nbeside [1-9][0-9.]* readings/s through the gateway's stages\\n")]
    private static partial Regex ReadingsBeside();
}
