using EdgeGateway.Ingest;
using EdgeGateway.Models;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Tracing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGateway.Verdicts;

internal static class VerdictsRegistration
{
    /// <summary>Prompt -> verdict.</summary>
    public static IServiceCollection AddVerdicts(this IServiceCollection services) => services
        .AddSingleton(p => new WindowJudge(p.GetRequiredService<ModelHost>(), p.GetRequiredService<GatewaySettings>().Detection, p.GetRequiredService<Accounting>())
        {
            Judged = p.GetRequiredService<LastVerdicts>().Add,
        })
        .AddSingleton<JudgingBudget>()
        .AddSingleton<OverloadWatch>()
        .AddSingleton(p => new LastVerdicts { KeepsHistory = p.GetRequiredService<GatewaySettings>().Operations.PagePort != 0 })
        .AddHostedService(NewWorker);

    private static VerdictsWorker NewWorker(IServiceProvider p)
    {
        // the registry is the Ingest stage's alone, which does not run yet: all stages are made, after recovery, before the first one starts
        var last = p.GetRequiredService<LastVerdicts>();
        last.Know(p.GetRequiredService<SensorRegistry>().Sensors);
        return new VerdictsWorker(
            p.GetRequiredService<WindowJudge>(), p.GetRequiredService<JudgingBudget>(), p.GetRequiredService<GatewaySettings>().Detection,
            p.GetRequiredService<OverloadWatch>(), last, p.GetRequiredService<WindowTraces>(), p.GetRequiredService<StagePulses>().Verdicts, p.GetRequiredService<StageChannels>().Prompts.Reader, p.GetRequiredService<StageChannels>().Verdicts.Writer);
    }
}
