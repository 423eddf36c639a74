using System.Collections.Concurrent;
using System.Text.Json;
using EdgeGateway.Scenarios.Harness;
using EdgeGateway.Tests;
using Microsoft.Playwright;

namespace EdgeGateway.Scenarios.Page;

/// <summary>A real Chromium with one tab on a gateway's page, which writes down what it should never do.</summary>
internal sealed class OperatorBrowser : IAsyncDisposable
{
    /// <summary>Milliseconds that anything may take on a machine that does other things as well.</summary>
    private const float Patience = 60_000;

    private static readonly string AxeFile = Path.Combine(SharedFolder.RepositoryRoot, "tests", "node", "node_modules", "axe-core", "axe.min.js");

    private readonly IPlaywright playwright;
    private readonly IBrowser browser;

    private OperatorBrowser(IPlaywright playwright, IBrowser browser, IPage page, string address)
    {
        this.playwright = playwright;
        this.browser = browser;
        Page = page;
        page.SetDefaultTimeout(Patience);
        page.Dialog += (sender, dialog) => _ = AnswerAsync(dialog);
        page.PageError += (_, error) => Wrongs.Enqueue($"error: {error}");
        page.Console += (_, message) => AddIf(message.Text.Contains("Content Security Policy", StringComparison.Ordinal), message.Text);
        page.Request += (_, request) => AddIf(!request.Url.StartsWith(address, StringComparison.Ordinal), $"request: {request.Url}");
    }

    /// <summary>The tab.</summary>
    public IPage Page { get; }

    /// <summary>Dialogs but questions, errors of scripts, what the policy stopped, and requests to another origin.</summary>
    public ConcurrentQueue<string> Wrongs { get; } = [];

    /// <summary>What the page asked before it did something; the answer was yes.</summary>
    public ConcurrentQueue<string> Questions { get; } = [];

    /// <summary>Opens the page of a gateway on this machine at its login; skips the calling test where Chromium is missing.</summary>
    public static async Task<OperatorBrowser> OpenAsync(int port)
    {
        var opened = await OpenAsync($"https://127.0.0.1:{port}/");
        await opened.Heading("Log in").WaitForAsync();
        return opened;
    }

    /// <summary>Opens an address, of which a token may be part; skips the calling test where Chromium is missing.</summary>
    /// <param name="prepare">Done with the tab before.</param>
    public static async Task<OperatorBrowser> OpenAsync(string address, Func<IPage, Task>? prepare = null)
    {
        var chromium = Tool.Require("chromium");
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Timeout = 2 * Patience });
        var context = await browser.NewContextAsync(new() { IgnoreHTTPSErrors = true, ViewportSize = new() { Width = 1200, Height = 900 } });
        var opened = new OperatorBrowser(playwright, browser, await context.NewPageAsync(), address[..(address.LastIndexOf('/') + 1)]);
        await (prepare?.Invoke(opened.Page) ?? Task.CompletedTask);
        await opened.Page.GotoAsync(address);
        return opened;
    }

    /// <summary>Logs in by the form.</summary>
    public async Task LogInAsync(string token)
    {
        await Page.GetByLabel("Token").FillAsync(token);
        await Button("Log in").ClickAsync();
        await Heading("Overview").WaitForAsync();
    }

    /// <summary>The heading of a view, which begins with this.</summary>
    public ILocator Heading(string text) => Page.GetByRole(AriaRole.Heading, new() { Name = text, Level = 1 });

    /// <summary>The button with exactly this text.</summary>
    public ILocator Button(string text) => Page.GetByRole(AriaRole.Button, new() { Name = text, Exact = true });

    /// <summary>Returns once the page shows a text.</summary>
    public Task ShowsAsync(string text) => Page.GetByText(text).First.WaitForAsync();

    /// <summary>Goes from one focusable thing to the next by the Tab key until one has the focus that matches a CSS selector and, if one is given, has exactly this text.</summary>
    public async Task TabToAsync(string selector, string? text = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        do
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds < Patience, $"Tab does not lead to {selector} {text}.");
            await Page.Keyboard.PressAsync("Tab");
        }
        while (!await Page.EvaluateAsync<bool>(
            "([selector, text]) => document.activeElement.matches(selector) && (text === null || document.activeElement.textContent.trim() === text)", new[] { selector, text }));
    }

    /// <summary>The same, and presses Enter there.</summary>
    public async Task EnterAsync(string selector, string? text = null)
    {
        await TabToAsync(selector, text);
        await Page.Keyboard.PressAsync("Enter");
    }

    /// <summary>What axe finds serious or critical in what is shown, and whether it is wider than the screen, in light and dark, wide and on a phone; skips the calling test where axe is missing.</summary>
    public async Task<IReadOnlyList<string>> FindingsAsync(string view)
    {
        Assert.SkipUnless(File.Exists(AxeFile), "tests/node has no axe-core: npm ci --prefix tests/node brings it.");
        await Page.EvaluateAsync(await File.ReadAllTextAsync(AxeFile, TestContext.Current.CancellationToken));
        List<string> found = [];
        foreach (var (width, height) in new[] { (1200, 900), (360, 740) })
        {
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await Page.SetViewportSizeAsync(width, height);
                await Page.EmulateMediaAsync(new() { ColorScheme = scheme });
                var findings = await Page.EvaluateAsync<JsonElement>("""
                    async () => [
                      ...(await axe.run()).violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => `${v.id}: ${v.nodes.map(n => n.html).join(' ')}`),
                      ...(document.documentElement.scrollWidth > innerWidth ? ['wider than the screen'] : [])]
                    """);
                found.AddRange(findings.EnumerateArray().Select(f => $"{view}, {width} px, {scheme}: {f}"));
            }
        }

        return found;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await browser.CloseAsync();
        playwright.Dispose();
    }

    private Task AnswerAsync(IDialog dialog)
    {
        var isQuestion = dialog.Type == DialogType.Confirm;
        (isQuestion ? Questions : Wrongs).Enqueue(isQuestion ? dialog.Message : $"dialog: {dialog.Message}");
        return isQuestion ? dialog.AcceptAsync() : dialog.DismissAsync();
    }

    private void AddIf(bool isWrong, string what)
    {
        if (isWrong)
        {
            Wrongs.Enqueue(what);
        }
    }
}
