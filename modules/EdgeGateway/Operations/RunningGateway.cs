using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Operations;

/// <summary>The parts of the running stages that commands look at.</summary>
internal sealed record RunningGateway(GatewaySettings Settings, Accounting Accounting, GatewayStore Store, LastVerdicts Verdicts, StageChannels Channels, SensorModel Model, DateTimeOffset Since);
