using Hubstand.Commands;

return await CommandLines.RunAsync(args, Console.Out, Console.Error, TimeProvider.System);
