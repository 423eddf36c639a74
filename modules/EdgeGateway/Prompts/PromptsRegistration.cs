using EdgeGateway.Stages;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGateway.Prompts;

internal static class PromptsRegistration
{
    /// <summary>Window summary -> prompt.</summary>
    public static IServiceCollection AddPrompts(this IServiceCollection services) => services
        .AddSingleton<PromptWriter>()
        .AddHostedService(p => new PromptsWorker(
            p.GetRequiredService<PromptWriter>(), p.GetRequiredService<StagePulses>().Prompts, p.GetRequiredService<StageChannels>().Windows.Reader, p.GetRequiredService<StageChannels>().Prompts.Writer));
}
