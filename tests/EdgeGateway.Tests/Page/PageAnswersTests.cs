using System.Net;
using System.Text;
using EdgeGateway.Operations;
using EdgeGateway.Page;
using EdgeGateway.Tests.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Page;

/// <summary>Who gets in.</summary>
public sealed class PageAnswersTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly PageTokens tokens;
    private readonly PageAnswers answers;

    public PageAnswersTests()
    {
        var (clock, state) = (new FakeTimeProvider(), new GatewayState());
        tokens = PageTokens.Of(folder.Path);
        answers = new PageAnswers(
            new PageView(state, clock), new CommandDispatcher([], state.Accounting, NullLogger<CommandDispatcher>.Instance), tokens, new AllowedHosts([]), clock, NullLogger.Instance, TestContext.Current.CancellationToken);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_flood_of_wrong_tokens_of_the_same_address_and_of_all_others_does_not_keep_out_who_has_a_right_one()
    {
        for (var i = 0; i < 2 * WrongTokens.MostOfAll; i++)
        {
            await LogInAsync("wrong", (byte)(i % 10));
        }

        Assert.Equal(429, await LogInAsync("wrong", 1));
        Assert.Equal(429, await LogInAsync("wrong", 200));
        Assert.Equal(200, await LogInAsync(tokens.View, 1));
        Assert.Equal(200, await LogInAsync(tokens.Operate, 200));
    }

    private async Task<int> LogInAsync(string token, byte address)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes($$"""{"token":"{{token}}"}"""));
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = new IPAddress([10, 0, 0, address]) } };
        (context.Request.Method, context.Request.Scheme, context.Request.Host, context.Request.Path) = ("POST", "https", new HostString("localhost"), "/api/login");
        (context.Request.Headers[PageAnswers.OwnHeader], context.Request.Body) = ("1", body);
        await answers.AnswerAsync(context);
        return context.Response.StatusCode;
    }
}
