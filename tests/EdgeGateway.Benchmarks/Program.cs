using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using EdgeGateway.Benchmarks;

// in this process: BenchmarkDotNet's own builds do not know this repository's central packages and locked restore
BenchmarkSwitcher.FromAssembly(typeof(IngestBenchmarks).Assembly).Run(args, ManualConfig.CreateEmpty()
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(5).WithIterationCount(15))
    .AddColumn(TargetMethodColumn.Method, StatisticColumn.Mean, StatisticColumn.Error, BaselineRatioColumn.RatioMean)
    .AddColumnProvider(DefaultColumnProviders.Metrics)
    .AddDiagnoser(new MemoryDiagnoser(new MemoryDiagnoserConfig(displayGenColumns: false)))
    .AddLogger(ConsoleLogger.Default)
    .AddExporter(BenchmarkDotNet.Exporters.MarkdownExporter.Console)
    .WithArtifactsPath("artifacts/benchmarks")
    .WithOptions(ConfigOptions.DisableLogFile));
