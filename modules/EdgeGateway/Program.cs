using EdgeGateway.Alerts;
using EdgeGateway.Commands;
using EdgeGateway.Delivery;
using EdgeGateway.Ingest;
using EdgeGateway.Prompts;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;

return await CommandLines.RunAsync(args, (services, gateway) => services
    .AddGateway(gateway)    // settings, clock, storage, model, broker: what the stages share
    .AddIngest()            // MQTT message     -> SensorReading
    .AddWindows()           // readings         -> WindowSummary
    .AddPrompts()           // summary          -> Prompt
    .AddVerdicts()          // prompt           -> Verdict
    .AddAlerts()            // verdicts         -> Alert
    .AddDelivery());        // alert -> outbox  -> sinks
