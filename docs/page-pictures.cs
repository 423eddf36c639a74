// The pictures of the operator page in the README and docs/page.md: opens the page of a demo that runs in a real Chromium, waits until its alerts say something, and takes it on a
// desktop, on a phone and in the dark. Run by docs/make-page-pictures.
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
#:package Microsoft.Playwright

using System.Text.RegularExpressions;
using Microsoft.Playwright;

const int WantedAlerts = 2;
const float Patience = 300_000;
if (args is not [var output, var chromium, var folder])
{
    Console.Error.WriteLine("usage: dotnet run docs/page-pictures.cs OUTPUT-OF-DEMO CHROMIUM FOLDER");
    return 2;
}

var address = await AddressAsync(output);
using var playwright = await Playwright.CreateAsync();
await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Timeout = Patience });
var desktop = await OpenAsync(1280, 800, ColorScheme.Light);
var phone = await OpenAsync(390, 844, ColorScheme.Light);
var dark = await OpenAsync(1280, 800, ColorScheme.Dark);
await desktop.Locator(".alert-row").Nth(WantedAlerts - 1).WaitForAsync();
await Task.WhenAll(TakeAsync(desktop, "desktop"), OpenAlertAsync(phone), OpenAlertAsync(dark));
await TakeAsync(phone, "phone");
await dark.Locator("a[href^='#/sensor/']").First.ClickAsync();
await dark.GetByText("Statistics alone would have said").WaitForAsync();
await TakeAsync(dark, "dark");
return 0;

// the worst of those that are open
static async Task OpenAlertAsync(IPage page)
{
    await page.Locator(".alert-row").First.ClickAsync();
    await page.Locator(".sentence:not(:empty)").WaitForAsync();
}

static async Task<string> AddressAsync(string output)
{
    using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(Patience));
    while (true)
    {
        if (Regex.Match(await File.ReadAllTextAsync(output, timeout.Token), @"http://\S+#token=\S+") is { Success: true } found)
        {
            return found.Value;
        }

        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, timeout.Token);
    }
}

async Task<IPage> OpenAsync(int width, int height, ColorScheme scheme)
{
    var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme, TimezoneId = "UTC", Locale = "en-GB" });
    page.SetDefaultTimeout(Patience);
    await page.GotoAsync(address);
    await page.Locator(".asset-row").First.WaitForAsync();
    return page;
}

async Task TakeAsync(IPage page, string name)
{
    var path = Path.Combine(folder, $"page-{name}.png");
    await page.ScreenshotAsync(new() { Path = path });
    Console.WriteLine($"{path}: {new FileInfo(path).Length / 1000} KB");
}
