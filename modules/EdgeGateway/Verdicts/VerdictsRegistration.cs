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
        .AddHostedService(p => new VerdictsWorker(
            p.GetRequiredService<WindowJudge>(), p.GetRequiredService<JudgingBudget>(), p.GetRequiredService<GatewaySettings>().Detection,
            p.GetRequiredService<OverloadWatch>(), p.GetRequiredService<LastVerdicts>(), p.GetRequiredService<WindowTraces>(), p.GetRequiredService<StagePulses>().Verdicts, p.GetRequiredService<StageChannels>().Prompts.Reader, p.GetRequiredService<StageChannels>().Verdicts.Writer));
}
