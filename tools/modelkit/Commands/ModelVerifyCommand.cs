using System.CommandLine;
using System.Globalization;
using EdgeGateway.ModelKit.Verification;

namespace EdgeGateway.ModelKit.Commands;

/// <summary><c>model verify</c>: the answers of model folders against the reference.json beside them.</summary>
internal sealed class ModelVerifyCommand(TextWriter output)
{
    private readonly Argument<DirectoryInfo[]> folders =
        new Argument<DirectoryInfo[]>("FOLDER") { Description = "model folders with a reference.json", Arity = ArgumentArity.OneOrMore }.AcceptExistingOnly();

    private readonly Option<bool> pool = new("--pool") { Description = "computes with a thread for each processor instead of one" };

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        var command = new Command(
            "verify",
            "Runs the cases of each folder's reference.json, computed in float and, where the graph computes otherwise, as built: ids, logits, greedy tokens, the prompt in pieces, a kept prefix, adapters. "
            + "Ends with 3 when a case fails.\nExample: modelkit model verify models/phi-3-mini models/phi-4-mini")
        {
            folders, pool,
        };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var (cases, failed, nearTies) = (0, 0, 0);
        output.WriteLine($"{"folder",-28} {"case",-36} {"computed",-9} {"tokens",-9} {"near ties",9} {"largest",9}");
        foreach (var folder in parsed.GetValue(folders)!)
        {
            foreach (var result in new ModelVerifier(folder.FullName, parsed.GetValue(pool)).Run())
            {
                cases++;
                failed += result.Passed ? 0 : 1;
                nearTies += result.NearTies;
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{result.Folder,-28} {result.Case,-36} {result.Computed,-9} {$"{result.TokensEqual}/{result.Tokens}",-9} {result.NearTies,9} {result.LargestDifference,9:g2} {result.Problem ?? "pass"}"));
            }
        }

        output.WriteLine($"{cases - failed} cases pass, {failed} fail; {nearTies} tokens stand behind a near tie and were not compared.");
        return failed == 0 ? ExitCode.Done : ExitCode.AnsweredNo;
    }
}
