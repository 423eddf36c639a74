using EdgeGateway.Soak.Fuzzing;

namespace EdgeGateway.Tests.Packages.Verification;

/// <summary>No input makes a reader fault, hang or take much memory; ./soak fuzz goes on where this stops.</summary>
public sealed class PackageParserTests
{
    private const int Inputs = 10_000;

    public static TheoryData<string> Parsers => [.. PackageParsers.All.Select(parser => parser.Name)];

    [Theory]
    [MemberData(nameof(Parsers))]
    public void A_parser_keeps_its_promises_on_changed_documents_and_takes_some(string name)
    {
        var parser = PackageParsers.All.Single(p => p.Name == name);
        var random = new Random(17);
        var taken = 0;
        for (var i = 0; i < Inputs; i++)
        {
            var input = parser.Input(random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(Record.Exception(() => taken += parser.Accepts(input) ? 1 : 0) is null, $"{name}, input {i}: {Convert.ToBase64String(input)}");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        }

        // were all refused at once, nothing behind the first rule would have been tried
        Assert.InRange(taken, 1, Inputs - 1);
        TestContext.Current.TestOutputHelper?.WriteLine($"{taken} of {Inputs} taken");
    }
}
