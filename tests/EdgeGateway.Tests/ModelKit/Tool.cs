using System.Globalization;
using EdgeGateway.ModelKit.Commands;

namespace EdgeGateway.Tests.ModelKit;

/// <summary>modelkit with its output caught.</summary>
internal static class Tool
{
    public static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        using var error = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var code = await CommandLines.RunAsync(args, output, error, TimeProvider.System);
        return (code, output.ToString(), error.ToString());
    }
}
