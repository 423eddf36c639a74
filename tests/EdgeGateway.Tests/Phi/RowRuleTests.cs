using CsCheck;
using EdgeGateway.Phi;

namespace EdgeGateway.Tests.Phi;

public sealed class RowRuleTests
{
    private static readonly Gen<(RowRule Rule, int Past, int End)> Plans =
        from processors in Gen.Int[1, 128]
        from usePool in Gen.Bool
        from form in Gen.Enum<ComputeForm>()
        from headSize in Gen.Int[1, 8].Select(sixteenths => 16 * sixteenths)
        from computed in Gen.Int[0, 3000]
        from added in Gen.Int[1, 3000]
        let rule = RowRule.For(form, usePool, headSize, processors)
        select (rule, rule.Begin(computed, computed + added), computed + added);

    [Fact]
    public void Runs_cover_all_rows_in_order_and_none_is_short_or_leaves_a_single_row() => Plans.Sample(plan =>
    {
        var (rule, past, end) = plan;
        var done = past;
        while (done < end)
        {
            var (begin, rows) = rule.NextRun(past, done, end);
            Assert.InRange(begin, past, done);
            Assert.InRange(begin + rows, done + 1, end);
            Assert.InRange(rows, Math.Min(rule.Fewest, end - past), rule.Longest);
            Assert.Equal(0, begin % rule.Tile);
            Assert.True(end - past <= rule.Fewest || rows % rule.Block != 1, $"{rows} rows of {plan}");
            done = begin + rows;
        }
    });

    [Fact]
    public void Single_token_behind_others_is_one_run_of_one_row()
    {
        var rule = RowRule.For(ComputeForm.AsBuilt, usePool: true, headSize: 96, processors: 8);
        Assert.Equal((500, 1), rule.NextRun(500, 500, 501));
    }
}
