using EdgeGateway.Ingest;
using EdgeGateway.Models;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Tests.Phi;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Tests.Models;

/// <summary>Who judges a window, while models and adapters come and go.</summary>
public sealed class ModelHostTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Accounting accounting = new();
    private readonly ModelHost host = new(SensorModel.Load(LoadedModel.BuiltIn));
    private readonly Sensor plain = Any.Sensor("plain");
    private readonly Sensor pump = Any.Sensor("pump", source: Any.Source() with { Adapter = "pumps" });

    public ModelHostTests() => host.UseFolder(LoadedModel.BuiltIn);

    [Fact]
    public void A_window_is_judged_by_the_adapter_of_its_source_and_others_by_the_model_alone()
    {
        var alone = Judge(pump).Score;
        using var adapter = Adapter();
        Assert.Null(host.Put(adapter));
        var (adapted, other) = (Judge(pump), Judge(plain));
        Assert.Equal(("pumps", "pumps", 1.5), (adapted.By!.Adapter, adapted.By.AdapterVersion, adapted.Threshold));
        Assert.Equal((null, alone, host.Sensor.Threshold), (other.By!.Adapter, other.Score, other.Threshold));
        Assert.NotEqual(alone, adapted.Score);
        Assert.Same(adapter, host.RemoveAdapter("pumps"));
        Assert.Equal(alone, Judge(pump).Score);
    }

    [Fact]
    public void A_threshold_of_the_settings_comes_before_that_of_model_and_adapter()
    {
        using var adapter = Adapter();
        host.Put(adapter);
        var judge = new WindowJudge(host, DetectionSettings.Default with { Threshold = -2 }, accounting);
        Assert.Equal((-2, -2), (judge.Judge(PromptOf(pump), true).Threshold, judge.Judge(PromptOf(plain), true).Threshold));
    }

    [Fact]
    public void A_window_over_the_budget_has_the_threshold_of_who_would_have_judged_it()
    {
        using var adapter = Adapter();
        host.Put(adapter);
        var verdict = new WindowJudge(host, DetectionSettings.Default, accounting).Judge(PromptOf(pump), withinBudget: false);
        Assert.Equal((NotJudgedReason.Budget, 1.5, "pumps"), (verdict.NotJudged, verdict.Threshold, verdict.By!.Adapter));
    }

    [Fact]
    public void An_adapter_that_is_not_there_is_counted_each_time_and_told_once_until_it_came()
    {
        var log = new CountingLogger();
        using var told = new ModelHost(host.Sensor, log);
        told.UseFolder(LoadedModel.BuiltIn);
        var judge = new WindowJudge(told, DetectionSettings.Default, accounting);
        judge.Judge(PromptOf(pump), true);
        judge.Judge(PromptOf(pump), true);
        Assert.Equal(1, log.Lines);
        Assert.Equal(2, accounting.Of("windows.adapter_missing", "pumps").Value);
        using var adapter = told.Model!.LoadAdapter(SiteAdapter.Write(folder.File("pumps")));
        told.Put(adapter);
        judge.Judge(PromptOf(pump), true);
        told.RemoveAdapter("pumps");
        judge.Judge(PromptOf(pump), true);
        Assert.Equal((2, 3), (log.Lines, accounting.Total("windows.adapter_missing")));
    }

    [Fact]
    public void Without_the_model_statistics_judge_from_the_next_window_on()
    {
        var judge = new WindowJudge(host, DetectionSettings.Default, accounting);
        var before = judge.Judge(PromptOf(plain), true);
        var taken = host.SetNone()!;
        var without = judge.Judge(PromptOf(plain), withinBudget: false);
        Assert.Equal((EdgeGateway.Verdicts.Judge.Statistics, NotJudgedReason.NoModel, null, Gate.Threshold), (without.JudgedBy, without.NotJudged, without.By, without.Threshold));
        Assert.Equal((false, null, "phi-sensor"), (host.HasModel, host.Model, host.Sensor.Name));
        Assert.Null(host.SetNone());
        host.Put(taken.Model);
        Assert.Equal(before, judge.Judge(PromptOf(plain), true) with { Kinds = before.Kinds, Window = before.Window });
    }

    [Fact]
    public async Task The_first_verdict_of_a_model_and_of_an_adapter_is_told()
    {
        using var adapter = Adapter();
        host.Put(adapter);
        var (model, adapted) = (host.FirstVerdictAsync(), host.FirstVerdictAsync("pumps"));
        Assert.False(model.IsCompleted || adapted.IsCompleted);
        Judge(plain);
        await model;
        Assert.False(adapted.IsCompleted);
        Judge(pump);
        await adapted;
        host.Put(adapter);
        Assert.False(host.FirstVerdictAsync("pumps").IsCompleted);
    }

    [Fact]
    public void Whoever_looks_on_is_told_what_the_model_judged_and_with_which_adapter()
    {
        var seen = new List<(string, string?)>();
        host.Judged += (prompt, verdict, adapter) => seen.Add((prompt.Window.Sensor.Id, adapter));
        using var adapter = Adapter();
        host.Put(adapter);
        Judge(plain);
        Judge(pump);
        new WindowJudge(host, DetectionSettings.Default, accounting).Judge(PromptOf(pump), withinBudget: false);
        using var taken = host.SetNone();
        Judge(pump);
        Assert.Equal([("plain", null), ("pump", "pumps")], seen);
    }

    [Fact]
    public void What_was_put_in_before_a_folder_was_asked_for_stays_until_another_folder_is_asked_for()
    {
        using var later = new ModelHost(host.Sensor);
        later.Put(LoadedModel.Load(LoadedModel.BuiltIn));
        var first = later.Model;
        later.UseFolder(LoadedModel.BuiltIn);
        Assert.Same(first, later.Model);
        using var other = new TemporaryFolder();
        later.UseFolder(other.With(LoadedModel.BuiltIn).Path);
        Assert.NotSame(first, later.Model);
    }

    [Fact]
    public void An_adapter_of_another_model_is_not_put_in()
    {
        using var other = LoadedModel.Load(LoadedModel.BuiltIn, adapters: true);
        using var adapter = other.LoadAdapter(SiteAdapter.Write(folder.File("pumps")));
        Assert.Throws<InvalidOperationException>(() => host.Put(adapter));
        Assert.Empty(host.Adapters);
    }

    [Fact]
    public async Task Adapters_exchanged_while_windows_are_judged_leave_no_verdict_that_is_neither_the_ones_nor_the_others()
    {
        string[] folders = [SiteAdapter.Write(folder.File("one"), "pumps", seed: 1), SiteAdapter.Write(folder.File("two"), "pumps", seed: 2, threshold: -1)];
        var expected = new HashSet<(double Score, double Threshold)>();
        foreach (var path in folders)
        {
            using var adapter = host.Model!.LoadAdapter(path);
            using var old = host.Put(adapter);
            var verdict = Judge(pump);
            expected.Add((verdict.Score, verdict.Threshold));
        }

        Assert.Equal(2, expected.Count);
        host.RemoveAdapter("pumps");
        host.Put(host.Model!.LoadAdapter(folders[0]));
        using var stop = new CancellationTokenSource();
        var judging = Task.Run(() =>
        {
            var (judge, seen) = (new WindowJudge(host, DetectionSettings.Default, accounting), new HashSet<(double, double)>());
            while (!stop.IsCancellationRequested)
            {
                var verdict = judge.Judge(PromptOf(pump), true);
                seen.Add((verdict.Score, verdict.Threshold));
            }

            return seen;
        });
        for (var i = 1; i <= 60 && !judging.IsCompleted; i++)
        {
            host.Put(host.Model!.LoadAdapter(folders[i % 2]))!.Dispose();
            await host.FirstVerdictAsync("pumps").WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        Assert.Equal(expected, await judging);
    }

    public void Dispose()
    {
        host.Dispose();
        folder.Dispose();
    }

    private Verdict Judge(Sensor sensor) => new WindowJudge(host, DetectionSettings.Default, accounting).Judge(PromptOf(sensor), withinBudget: true);

    private Prompt PromptOf(Sensor sensor) => new PromptWriter(host.Sensor).Write(Any.Window(sensor, 1));

    private LoadedAdapter Adapter() => host.Model!.LoadAdapter(SiteAdapter.Write(folder.File("pumps")));

    private sealed class CountingLogger : ILogger
    {
        public int Lines { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines++;
    }
}
