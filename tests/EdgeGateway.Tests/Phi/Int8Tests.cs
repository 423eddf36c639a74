using EdgeGateway.Phi;

namespace EdgeGateway.Tests.Phi;

public sealed class Int8Tests
{
    private static readonly PhiModelOptions Int8 = new() { Compute = ComputeForm.Int8 };

    public static TheoryData<string> Folders => FixtureModelTests.Folders;

    [Theory]
    [MemberData(nameof(Folders))]
    public void Eight_bit_form_stays_near_the_exact_logits_and_a_kept_prefix_changes_no_bit(string name)
    {
        Assert.SkipUnless(CpuFeatures.HasInt8Products, "This CPU does not multiply 8-bit integers.");
        var folder = SharedFolder.Require($"fixtures/models/{name}");
        using var exact = PhiModel.Load(folder);
        using var rounded = PhiModel.Load(folder, Int8);
        var random = new Random(5);
        var tokens = Enumerable.Range(0, Math.Min(45, exact.Config.ContextLength)).Select(_ => random.Next(exact.Tokenizer.Size)).ToArray();
        var (expected, logits) = (RandomModel.Logits(exact, [], tokens), RandomModel.Logits(rounded, [], tokens));
        Assert.InRange(RelativeError(expected, logits), 0, 0.15);
        foreach (var cut in (int[])[1, 16, 17, 32, 43])
        {
            Assert.Equal(logits, RandomModel.Logits(rounded, tokens.AsSpan(0, cut), tokens.AsSpan(cut)));
        }
    }

    [Fact]
    public void Eight_bit_form_takes_adapters()
    {
        Assert.SkipUnless(CpuFeatures.HasInt8Products, "This CPU does not multiply 8-bit integers.");
        using var folder = new TemporaryFolder();
        using var exact = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config), new PhiModelOptions { Adapters = true });
        using var rounded = PhiModel.Load(folder.Path, new PhiModelOptions { Compute = ComputeForm.Int8, Adapters = true });
        TestAdapter.Write(folder.File("adapter"), RandomModel.Config);
        using var one = exact.LoadAdapter(folder.File("adapter"));
        using var other = rounded.LoadAdapter(folder.File("adapter"));
        var tokens = RandomModel.Tokens(34, RandomModel.Config);
        var expected = RandomModel.Logits(exact, [], tokens, one);
        Assert.InRange(RelativeError(expected, RandomModel.Logits(rounded, [], tokens, other)), 0, 0.1);
        Assert.InRange(RelativeError(expected, RandomModel.Logits(exact, [], tokens)), 0.1, double.MaxValue);
    }

    [Fact]
    public void Fastest_form_is_one_of_the_others_and_says_which()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config), new PhiModelOptions { Compute = ComputeForm.Fastest });
        using var same = PhiModel.Load(folder.Path, new PhiModelOptions { Compute = model.Form });
        var tokens = RandomModel.Tokens(34, RandomModel.Config);
        Assert.NotEqual(ComputeForm.Fastest, model.Form);
        Assert.Equal(RandomModel.Logits(same, [], tokens), RandomModel.Logits(model, [], tokens));
    }

    private static double RelativeError(float[] expected, float[] logits) =>
        Math.Sqrt(expected.Zip(logits, (one, other) => Math.Pow(one - other, 2)).Sum() / expected.Sum(one => Math.Pow(one - expected.Average(), 2)));
}
