using System.CommandLine;
using System.Text;

namespace EdgeGateway.ModelKit.Packaging;

/// <summary>The passphrase of a person's key file: from a file, or typed without being shown. Never a word of the command line, which others can read.</summary>
internal static class Passphrase
{
    private const int Shortest = 12;

    /// <summary>The option that names the file.</summary>
    public static Option<FileInfo> NewOption() =>
        new Option<FileInfo>("--passphrase-file") { Description = "its first line is the passphrase; without it, it is asked for", HelpName = "FILE" }.AcceptExistingOnly();

    /// <summary>The passphrase of a file that is there; the caller clears it.</summary>
    /// <param name="file">Its first line; null: it is asked for.</param>
    public static byte[] Of(string path, FileInfo? file, TextWriter error) => file is null ? Typed($"Passphrase of {path}: ", error) : FirstLine(file);

    /// <summary>The passphrase of a file that is to be made: typed twice, at least 12 bytes.</summary>
    public static byte[] ForNew(string path, FileInfo? file, TextWriter error)
    {
        var passphrase = Of(path, file, error);
        return passphrase.Length < Shortest ? throw new FormatException($"The passphrase of {path} has fewer than {Shortest} characters; take some words more.")
            : file is null && !Typed("Once more: ", error).AsSpan().SequenceEqual(passphrase) ? throw new FormatException("The two passphrases differ; nothing was written.")
            : passphrase;
    }

    private static byte[] FirstLine(FileInfo file)
    {
        using var reader = file.OpenText();
        return reader.ReadLine() is { Length: > 0 } line ? Encoding.UTF8.GetBytes(line) : throw new FormatException($"{file} has no passphrase in its first line.");
    }

    private static byte[] Typed(string prompt, TextWriter error)
    {
        if (Console.IsInputRedirected)
        {
            throw new FormatException("A passphrase is asked for, and nobody is at a terminal: give --passphrase-file FILE.");
        }

        error.Write(prompt);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } pressed)
        {
            typed = pressed.Key == ConsoleKey.Backspace ? typed.Remove(Math.Max(0, typed.Length - 1), Math.Min(1, typed.Length)) : typed.Append(pressed.KeyChar);
        }

        error.WriteLine();
        return Encoding.UTF8.GetBytes(typed.ToString());
    }
}
