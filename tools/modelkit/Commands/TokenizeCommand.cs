using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeGateway.Phi;

namespace EdgeGateway.ModelKit.Commands;

/// <summary><c>tokenize</c>: a tokenizer against the answers of the original.</summary>
internal sealed class TokenizeCommand(TextWriter output, TextWriter error, TimeProvider clock)
{
    private const int Shown = 5;
    private const int LongestShown = 120;
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Option<FileInfo> tokenizer = new Option<FileInfo>("--tokenizer") { Description = "tokenizer.json, also gzipped", HelpName = "FILE", Required = true }.AcceptExistingOnly();
    private readonly Option<FileInfo> golden = new Option<FileInfo>("--golden") { Description = "lines of JSON (docs/modelkit.md), also gzipped", HelpName = "FILE.jsonl", Required = true }.AcceptExistingOnly();

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        var command = new Command(
            "tokenize", "Compares ids and texts with those of the original tokenizer; ends with 3 when a line differs.\nExample: modelkit tokenize --tokenizer phi-4-mini/tokenizer.json --golden golden.jsonl.gz")
        {
            tokenizer, golden,
        };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var checkedOne = Tokenizer.Parse(PackedFile.ReadAll(parsed.GetValue(tokenizer)!));
        var file = parsed.GetValue(golden)!;
        var (lines, different) = (0, new List<string[]>());
        new Progress(error, clock).Run(file.Name, file.Length, report =>
        {
            using var bytes = file.OpenRead();
            foreach (var (number, text) in PackedFile.Lines(file, bytes))
            {
                lines++;
                if (Compare(checkedOne, Parse(file, number, text)).Select(difference => $"{file.Name}, line {number}: {difference}").ToArray() is { Length: > 0 } differences)
                {
                    different.Add(differences);
                }

                report(bytes.Position);
            }
        });
        if (lines == 0)
        {
            throw new FormatException($"{file} has no lines, which proves nothing; give a golden file with at least one.");
        }

        foreach (var difference in different.Take(Shown).SelectMany(line => line))
        {
            output.WriteLine(difference);
        }

        output.WriteLine($"{lines - different.Count} equal, {different.Count} different.");
        return different.Count == 0 ? ExitCode.Done : ExitCode.AnsweredNo;
    }

    private static GoldenLine Parse(FileInfo file, int number, string text)
    {
        try
        {
            return GoldenLine.Parse(text);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{file}, line {number} {e.Message}; docs/modelkit.md shows what a line must have.", e);
        }
    }

    private static IEnumerable<string> Compare(Tokenizer tokenizer, GoldenLine line)
    {
        var ids = tokenizer.Encode(line.Text, line.AddSpecial, line.SpecialAsText);
        if (!ids.AsSpan().SequenceEqual(line.Ids))
        {
            yield return $"{Quote(line.Text)} gives the ids {Quote(ids)} instead of {Quote(line.Ids)}";
        }

        foreach (var (skip, expected) in ((bool, string)[])[(false, line.Decoded), (true, line.DecodedSkip)])
        {
            if (tokenizer.Decode(line.Ids, skip) is var text && text != expected)
            {
                yield return $"the ids {Quote(line.Ids)} {(skip ? "without" : "with")} special tokens give {Quote(text)} instead of {Quote(expected)}";
            }
        }
    }

    private static string Quote<T>(T value) => JsonSerializer.Serialize(value, Readable) is var text && text.Length <= LongestShown ? text : text[..LongestShown] + "...";
}
