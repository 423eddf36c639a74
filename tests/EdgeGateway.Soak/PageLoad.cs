using System.Globalization;
using EdgeGateway.Soak.Harness;
using Microsoft.Playwright;

namespace EdgeGateway.Soak;

/// <summary>What an open operator page costs: 2,000 sensors at a reading a second, ten minutes with the page open in Chromium, between five minutes each without a reader. The browser must not grow meanwhile, nor be felt.</summary>
internal sealed class PageLoad(TextWriter output, TimeProvider clock)
{
    private const int Sensors = 2000;
    private const int MinutesOpen = 10;
    private const double MostGrowth = 1.1;

    /// <summary>Percent of a core that a reader may take of the module.</summary>
    private const double MostShare = 5;

    /// <summary>Milliseconds that a hand may wait for the page: what web.dev calls a good interaction to next paint.</summary>
    private const double LongestTask = 200;
    private static readonly ReadingMode Mode = new(1, "received", "5");

    /// <summary>All sensors are judged from their 300th reading on.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(320);
    private static readonly TimeSpan Without = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    /// <summary>Runs and prints; true when all targets are met.</summary>
    public async Task<bool> RunAsync(CancellationToken token)
    {
        await output.WriteLineAsync($"{Environment.ProcessorCount} cores, shared by generator, broker, module and browser. {Sensors:#,0} sensors at a reading a second, all judged.");
        using var broker = await Broker.StartAsync(token);
        var port = Machine.FreePort();
        using var gateway = await Gateway.StartAsync(broker, "page", Mode, warmData: null, token, port);
        using var generator = new Generator(broker, Sensors, Sensors, WarmUp + (2 * Without) + (Minute * (MinutesOpen + 2)), Mode);
        await generator.StartedAsync(token);
        await Task.Delay(WarmUp, clock, token);
        await output.WriteLineAsync("   page      module, share of a core   resident   browser's heap   elements   longest task");
        var before = await ClosedAsync(gateway, token);
        var open = await OpenAsync(gateway, port, token);
        var after = await ClosedAsync(gateway, token);
        return await JudgeAsync((before.Share + after.Share) / 2, before.Resident, open, !gateway.Process.HasExited);
    }

    private async Task<(double Share, long Resident)> ClosedAsync(Gateway gateway, CancellationToken token)
    {
        var alone = await CostAsync(gateway, Without, token);
        await output.WriteLineAsync(Text($"   closed {alone.Share,23:0.0} % {alone.Resident / 1e6,8:0.0} MB"));
        return alone;
    }

    private async Task<Opened> OpenAsync(Gateway gateway, int port, CancellationToken token)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var chromium = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox"] });
        var context = await chromium.NewContextAsync(new() { IgnoreHTTPSErrors = true });
        var reader = await Reader.OpenAsync(await context.NewPageAsync(), new Uri($"https://127.0.0.1:{port}/#token={TokenOf(gateway.Data)}"));
        var opened = new Opened([], [], [], [], reader.Errors);
        for (var minute = 1; minute <= MinutesOpen; minute++)
        {
            var (share, resident) = await CostAsync(gateway, Minute, token, reader.ScrollAsync);
            var (heap, elements, longest) = await reader.HeldAsync();
            opened.Shares.Add(share);
            opened.Resident.Add(resident);
            opened.Heaps.Add(heap);
            opened.LongestTasks.Add(longest);
            await output.WriteLineAsync(Text($"   {minute,6} {share,23:0.0} % {resident / 1e6,8:0.0} MB {heap / 1e6,12:0.0} MB {elements,10} {longest,10:0} ms"));
        }

        return opened;
    }

    private async Task<bool> JudgeAsync(double closedShare, long closedResident, Opened open, bool runs)
    {
        var (growth, share) = (open.Heaps[^1] / open.Heaps[1], open.Shares.Average() - closedShare);
        var (resident, longest) = (open.Resident.Max() / (double)closedResident, open.LongestTasks.Max());
        await output.WriteLineAsync(Text($"browser's heap in the last minute {growth:0.000} of that in the second (at most {MostGrowth}); longest task {longest:0} ms (at most {LongestTask}); errors on the page: {open.Errors.Count} {string.Join("; ", open.Errors)}"));
        await output.WriteLineAsync(Text($"module with a reader: {share:+0.0;-0.0} % of a core (at most {MostShare}); resident {resident:0.000} of that before (at most {MostGrowth})"));
        var met = growth <= MostGrowth && longest <= LongestTask && share <= MostShare && resident <= MostGrowth && open.Errors.Count == 0 && runs;
        await output.WriteLineAsync(met ? "page: all targets met" : "page: NOT all targets met");
        return met;
    }

    /// <summary>What the module takes of a core for so long, in percent, and the most that was resident.</summary>
    private async Task<(double Share, long Resident)> CostAsync(Gateway gateway, TimeSpan time, CancellationToken token, Func<Task>? meanwhile = null)
    {
        var (began, cpu, resident) = (clock.GetTimestamp(), gateway.Process.CpuSeconds, 0L);
        while (clock.GetElapsedTime(began) < time)
        {
            await Task.Delay(Look, clock, token);
            resident = Math.Max(resident, gateway.Process.ResidentBytes);
            await (meanwhile?.Invoke() ?? Task.CompletedTask);
        }

        return ((gateway.Process.CpuSeconds - cpu) / clock.GetElapsedTime(began).TotalSeconds * 100, resident);
    }

    private static string TokenOf(string data) => File.ReadLines(Path.Combine(data, "page", "tokens")).Select(line => line.Split(' ')).Single(line => line[0] == "view")[1];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>What was measured in each minute that the page was open.</summary>
    private sealed record Opened(List<double> Shares, List<long> Resident, List<double> Heaps, List<double> LongestTasks, List<string> Errors);

    /// <summary>A tab that shows the overview.</summary>
    private sealed class Reader(IPage page, ICDPSession session)
    {
        /// <summary>What the page's scripts threw.</summary>
        public List<string> Errors { get; } = [];

        public static async Task<Reader> OpenAsync(IPage page, Uri address)
        {
            var session = await page.Context.NewCDPSessionAsync(page);
            await session.SendAsync("Performance.enable");
            var reader = new Reader(page, session);
            page.PageError += (_, error) => reader.Errors.Add(error);
            await page.GotoAsync(address.ToString());
            await page.GetByText($"{Sensors:#,0} assets").WaitForAsync();
            await page.EvaluateAsync("() => { window.longest = 0; new PerformanceObserver(list => { for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration); }).observe({ entryTypes: ['longtask'] }); }");
            return reader;
        }

        /// <summary>Turns the wheel over the plant.</summary>
        public async Task ScrollAsync()
        {
            await page.GetByRole(AriaRole.List, new() { Name = "Assets and their sensors" }).HoverAsync();
            for (var turn = 0; turn < 20; turn++)
            {
                await page.Mouse.WheelAsync(0, turn < 10 ? 2000 : -2000);
            }
        }

        /// <summary>Bytes of its heap after a collection, its elements, and the longest task in milliseconds since the last call: above 50 a hand would feel it.</summary>
        public async Task<(double Heap, int Elements, double Longest)> HeldAsync()
        {
            await session.SendAsync("HeapProfiler.collectGarbage");
            var metrics = (await session.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray();
            var heap = metrics.Single(m => m.GetProperty("name").GetString() == "JSHeapUsedSize").GetProperty("value").GetDouble();
            var elements = await page.EvaluateAsync<int>("() => document.getElementsByTagName('*').length");
            return (heap, elements, await page.EvaluateAsync<double>("() => { const longest = window.longest; window.longest = 0; return longest; }"));
        }
    }
}
