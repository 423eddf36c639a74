using EdgeGateway.Stages;
using EdgeGateway.Windows;

namespace EdgeGateway.Prompts;

/// <summary>A window as the text that the model reads, without the static prefix.</summary>
/// <param name="Text">Codes and digits, for example <c>a3b4c0...F-=</c>. Holds no name, unit, absolute value or time.</param>
internal sealed record Prompt(WindowSummary Window, string Text) : StageEvent;
