using EdgeGateway.PhiTrain.Commands;

return await CommandLines.RunAsync(args);
