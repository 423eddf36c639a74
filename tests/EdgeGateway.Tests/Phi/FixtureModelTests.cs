using EdgeGateway.ModelKit.Verification;
using EdgeGateway.Phi;

namespace EdgeGateway.Tests.Phi;

/// <summary>Real builder output with reference answers from the official runtime and from PyTorch, through the check that modelkit offers.</summary>
public sealed class FixtureModelTests
{
    public static TheoryData<string> Folders
    {
        get
        {
            var models = Path.Combine(SharedFolder.RepositoryRoot, "..", "shared", "fixtures", "models");
            return [.. Directory.Exists(models) ? Directory.GetDirectories(models).Select(folder => Path.GetFileName(folder)) : ["phi3-micro"]];
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Published_form_gives_the_reference_answers(string name) => Verify(name, usePool: false);

    [Theory]
    [InlineData("phi2-b16-asym-acc1")]
    [InlineData("phi3-gqa-kquant-mixed")]
    [InlineData("phi3-long")]
    [InlineData("phi4-lora-inputs")]
    public void Pool_gives_them_too(string name) => Verify(name, usePool: true);

    [Fact]
    public void Run_cut_in_two_may_use_the_long_rotary_table_from_its_first_token_on()
    {
        using var model = PhiModel.Load(SharedFolder.Require("fixtures/models/phi3-long"));
        var tokens = Enumerable.Range(0, 53).Select(i => 7 * i % model.Config.VocabularySize).ToArray();
        using var pass = new ForwardPass(model, null, tokens.Length);
        var whole = pass.Run(0, tokens, longRotary: true, CancellationToken.None).ToArray();
        pass.Run(0, tokens.AsSpan(0, 20), longRotary: true, CancellationToken.None);
        Assert.Equal(whole, pass.Run(20, tokens.AsSpan(20), longRotary: true, CancellationToken.None).ToArray());
        pass.Run(0, tokens.AsSpan(0, 20), longRotary: false, CancellationToken.None);
        Assert.NotEqual(whole, pass.Run(20, tokens.AsSpan(20), longRotary: true, CancellationToken.None).ToArray());
    }

    private static void Verify(string name, bool usePool)
    {
        var results = new ModelVerifier(SharedFolder.Require($"fixtures/models/{name}"), usePool).Run().ToArray();
        Assert.NotEmpty(results);
        Assert.All(results, result => Assert.True(result.Passed, result.ToString()));
    }
}
