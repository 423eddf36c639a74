using EdgeGateway.Ingest;

namespace EdgeGateway.Tests.Ingest;

public class EventTimeOrderTests
{
    private readonly EventTimeOrder order = new();

    [Fact]
    public void A_newer_reading_is_next_an_equal_one_a_duplicate_and_an_older_one_late()
    {
        Assert.Equal(OrderVerdict.Next, Add(10));
        Assert.Equal(OrderVerdict.Next, Add(11));
        Assert.Equal(OrderVerdict.Duplicate, Add(11));
        Assert.Equal(OrderVerdict.Late, Add(10));
        Assert.Equal(OrderVerdict.Next, Add(12));
    }

    [Fact]
    public void Ten_late_readings_in_order_are_a_clock_that_was_set_back()
    {
        Add(1000);
        for (var i = 0; i < 9; i++)
        {
            Assert.Equal(OrderVerdict.Late, Add(i));
        }

        Assert.Equal(OrderVerdict.Step, Add(9));
        Assert.Equal(OrderVerdict.Next, Add(10));
    }

    [Fact]
    public void Late_readings_that_are_not_in_order_among_themselves_are_no_step()
    {
        Add(1000);
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(OrderVerdict.Late, Add(i % 9));
        }
    }

    [Fact]
    public void A_reading_in_time_between_late_ones_starts_the_count_anew()
    {
        Add(1000);
        for (var i = 0; i < 9; i++)
        {
            Add(i);
        }

        Add(1001);
        Assert.Equal(OrderVerdict.Late, Add(20));
    }

    private OrderVerdict Add(int second) => order.Add(Any.Noon.AddSeconds(second));
}
