using EdgeGateway.Prompts;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Tests.Verdicts;

public sealed class LastVerdictsTests
{
    private readonly LastVerdicts last = new();

    [Fact]
    public async Task Whoever_reads_the_number_of_the_newest_verdict_finds_that_verdict_while_others_are_added()
    {
        var (prompt, verdict) = (new Prompt(Any.Window(Any.Sensor(), hop: 0), "a5="), Any.Verdict(Any.Sensor(), hop: 0, score: -3));
        var adding = Task.Run(
            () =>
            {
                for (var i = 0; i < 500_000; i++)
                {
                    last.Add(prompt, verdict);
                }
            },
            TestContext.Current.CancellationToken);
        while (!adding.IsCompleted)
        {
            var newest = last.Newest;
            Assert.True(newest == 0 || last.After(newest - 1).Any(), $"number {newest} is told and cannot be found");
        }

        await adding;
        Assert.Equal(500_000, last.Newest);
    }
}
