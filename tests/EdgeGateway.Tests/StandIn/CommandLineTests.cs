using Hubstand.Commands;

namespace EdgeGateway.Tests.StandIn;

/// <summary>What hubstand's command line says to mistakes.</summary>
public class CommandLineTests
{
    [Theory]
    [InlineData("--manifest", "missing.json", "missing.json")]
    [InlineData("--port", "many", "many")]
    [InlineData("--unknown", "x", "--unknown")]
    public async Task A_mistake_ends_with_2_and_is_named(string option, string value, string says)
    {
        using var error = new StringWriter();
        Assert.Equal(2, await CommandLines.RunAsync(["serve", option, value], TextWriter.Null, error, TimeProvider.System));
        Assert.Contains(says, error.ToString());
    }

    [Fact]
    public async Task A_manifest_that_is_none_ends_with_2_in_one_sentence()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """{ "modulesContent": { "$edgeHub": { "properties.desired": { "routes": { "all": "FROM nowhere" } } } } }""", TestContext.Current.CancellationToken);
            using var error = new StringWriter();
            Assert.Equal(2, await CommandLines.RunAsync(["serve", "--manifest", file], TextWriter.Null, error, TimeProvider.System));
            Assert.Contains("Route all", Assert.Single(error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
