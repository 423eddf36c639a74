using EdgeGateway.Settings;
using EdgeGateway.Stages;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGateway.Verdicts;

internal static class VerdictsRegistration
{
    /// <summary>Prompt -> verdict.</summary>
    public static IServiceCollection AddVerdicts(this IServiceCollection services) => services
        .AddSingleton<WindowJudge>()
        .AddSingleton<JudgingBudget>()
        .AddSingleton<OverloadWatch>()
        .AddHostedService(p => new VerdictsWorker(
            p.GetRequiredService<WindowJudge>(), p.GetRequiredService<JudgingBudget>(), p.GetRequiredService<GatewaySettings>().Detection,
            p.GetRequiredService<OverloadWatch>(), p.GetRequiredService<StageChannels>().Prompts.Reader, p.GetRequiredService<StageChannels>().Verdicts.Writer));
}
