using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Soak.Harness;

namespace EdgeGateway.Soak;

/// <summary>How fast a model and an adapter are sealed and opened, beside <c>age</c> with the same files in the same run, and in how much memory.</summary>
internal sealed class Sealing(TextWriter output, TimeProvider clock) : IDisposable
{
    private const int Rounds = 9;
    private const int Piece = 50_000;
    private readonly DirectoryInfo folder = Directory.CreateDirectory($"/dev/shm/edgegateway-seal-{Environment.ProcessId}");
    private readonly X25519Identity identity = X25519Identity.New();

    /// <summary>Runs and prints both sizes; true when ours is at least as fast as age.</summary>
    public bool Run(CancellationToken token)
    {
        WriteIdentity();
        output.WriteLine($"{Environment.ProcessorCount} cores, files in /dev/shm, the middle of {Rounds} rounds, ours and age in turn. age is a process each time, ours is this one.");
        output.WriteLine("                      size   sealed/plain   what               ours          age           ours/age   memory taken");
        var held = Measure("model", 200_000_000, token) & Measure("adapter", 300_000, token);
        output.WriteLine(held ? "seal: at least as fast as age" : "seal: NOT as fast as age");
        return held;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        folder.Delete(recursive: true);
        identity.Dispose();
    }

    private bool Measure(string name, int size, CancellationToken token)
    {
        WritePlain(size);
        var sealing = Compare(SealOurs, () => Age("-r", identity.Recipient.Text, "-o", At("age"), At("plain")), token);
        var ratio = new FileInfo(At("sealed")).Length / (double)size;
        var opening = Compare(OpenOurs, () => Age("-d", "-i", At("identity"), "-o", At("age"), At("sealed")), token);
        var memory = Compare(() => OpenIntoMemory(size), null, token);
        foreach (var (what, (ours, age, taken)) in new[] { ("seal", sealing), ("open", opening), ("open into memory", memory) })
        {
            var theirs = age is { } time ? $"{size / 1e6 / time.TotalSeconds,6:0} MB/s {time / ours,13:0.00}" : new string(' ', 25);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-8} {size,16:#,0} B {ratio,13:0.00000}   {what,-16} {size / 1e6 / ours.TotalSeconds,6:0} MB/s   {theirs} {taken / 1e6,8:0.0} MB"));
        }

        return sealing.Ours <= sealing.Age && opening.Ours <= opening.Age;
    }

    /// <summary>In pieces: what this holds itself should not look like what sealing takes.</summary>
    private void WritePlain(int size)
    {
        using var file = File.Create(At("plain"));
        for (var written = 0; written < size; written += Piece)
        {
            file.Write(RandomNumberGenerator.GetBytes(Math.Min(Piece, size - written)));
        }
    }

    private (TimeSpan Ours, TimeSpan? Age, long Taken) Compare(Action ours, Action? age, CancellationToken token)
    {
        var (mine, theirs) = (new List<TimeSpan>(), new List<TimeSpan>());
        ours();
        GC.Collect();
        ResetPeak();
        var before = Resident("VmRSS:");
        for (var round = 0; round < Rounds; round++)
        {
            token.ThrowIfCancellationRequested();
            mine.Add(Time(ours));
            if (age is not null)
            {
                theirs.Add(Time(age));
            }
        }

        return (Middle(mine), theirs.Count > 0 ? Middle(theirs) : null, Resident("VmHWM:") - before);
    }

    private void SealOurs()
    {
        using FileStream plain = File.OpenRead(At("plain")), sealedFile = File.Create(At("sealed"));
        AgeWriter.Seal(plain, sealedFile, [identity.Recipient]);
    }

    private void OpenOurs()
    {
        using FileStream sealedFile = File.OpenRead(At("sealed")), plain = File.Create(At("ours"));
        AgeReader.Open(sealedFile, [identity], plain);
    }

    private unsafe void OpenIntoMemory(int size)
    {
        using var sealedFile = File.OpenRead(At("sealed"));
        var plain = (byte*)NativeMemory.Alloc((nuint)size);
        try
        {
            AgeReader.Open(sealedFile, [identity], plain, size);
        }
        finally
        {
            NativeMemory.Free(plain);
        }
    }

    private void WriteIdentity()
    {
        var text = new byte[X25519Identity.TextLength];
        identity.WriteText(text);
        using var file = File.Create(At("identity"));
        file.Write(text);
    }

    private static void Age(params string[] arguments)
    {
        try
        {
            using var age = Process.Start("age", arguments);
            age.WaitForExit();
            if (age.ExitCode != 0)
            {
                throw new SoakException($"age {string.Join(' ', arguments)} ended with {age.ExitCode}.");
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new SoakException("age is missing: apt-get install age.");
        }
    }

    private TimeSpan Time(Action action)
    {
        var began = clock.GetTimestamp();
        action();
        return clock.GetElapsedTime(began);
    }

    private static TimeSpan Middle(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    /// <summary>Lets the kernel count the most resident memory from here on.</summary>
    private static void ResetPeak()
    {
        using var file = new StreamWriter("/proc/self/clear_refs");
        file.Write('5');
    }

    private static long Resident(string field) => long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith(field, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;

    private string At(string name) => Path.Combine(folder.FullName, name);
}
