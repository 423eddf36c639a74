using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Tests.Packages.Age;

/// <summary>The public test kit of age (repository C2SP/CCTV, folder age/testdata), from the folder that AGE_TESTKIT names; run by hand: <c>-explicit only -class "*TestKitTests"</c>.</summary>
public class TestKitTests
{
    [Fact(Explicit = true)]
    public void Every_vector_of_the_test_kit_gives_what_it_expects()
    {
        var folder = Environment.GetEnvironmentVariable("AGE_TESTKIT");
        Assert.SkipUnless(Directory.Exists(folder), "AGE_TESTKIT names no folder with age's test kit (age/testdata of https://github.com/C2SP/CCTV), which is not in the repository.");
        List<string> failed = [];
        var (passed, others) = (0, 0);
        foreach (var path in Directory.EnumerateFiles(folder!).Order())
        {
            var vector = Vector.Read(path);
            if (vector.IsForAnotherForm)
            {
                others++;
            }
            else if (vector.Wrong() is { } wrong)
            {
                failed.Add($"{Path.GetFileName(path)}: {wrong}");
            }
            else
            {
                passed++;
            }
        }

        TestContext.Current.SendDiagnosticMessage("age test kit: {0} passed, {1} failed, {2} not applicable (armor, hybrid)", passed, failed.Count, others);
        Assert.Empty(failed);
        Assert.InRange(passed, 90, int.MaxValue);
    }

    private sealed record Vector(ILookup<string, string> Facts, byte[] File)
    {
        public bool IsForAnotherForm => Facts.Contains("armored") || Facts["identity"].Any(i => i.StartsWith("AGE-SECRET-KEY-PQ-", StringComparison.Ordinal));

        public static Vector Read(string path)
        {
            var bytes = System.IO.File.ReadAllBytes(path);
            var end = bytes.AsSpan().IndexOf("\n\n"u8);
            var facts = Encoding.UTF8.GetString(bytes, 0, end).Split('\n').Select(line => line.Split(": ", 2)).ToLookup(f => f[0], f => f[1]);
            var file = bytes[(end + 2)..];
            if (facts.Contains("compressed"))
            {
                using var plain = new MemoryStream();
                using var zlib = new ZLibStream(new MemoryStream(file), CompressionMode.Decompress);
                zlib.CopyTo(plain);
                file = plain.ToArray();
            }

            return new Vector(facts, file);
        }

        /// <summary>What was not as the vector expects; null when all was.</summary>
        public string? Wrong()
        {
            using var plain = new MemoryStream();
            var outcome = "success";
            try
            {
                Open(plain);
            }
            catch (SealingException e)
            {
                outcome = e.Failure switch
                {
                    SealingFailure.Header => "header failure",
                    SealingFailure.NoKey => "no match",
                    SealingFailure.HeaderMac => "HMAC failure",
                    _ => "payload failure",
                };
            }

            var expected = Facts["expect"].Single();
            return outcome != expected ? $"{outcome} instead of {expected}"
                : Facts["payload"].SingleOrDefault() is { } digest && digest != Convert.ToHexStringLower(SHA256.HashData(plain.ToArray())) ? $"{plain.Length} bytes were handed out, not those that may be" : null;
        }

        private void Open(Stream plain)
        {
            if (Facts["passphrase"].FirstOrDefault() is { } passphrase)
            {
                plain.Write(PassphraseFile.Open(File, Encoding.UTF8.GetBytes(passphrase)));
                return;
            }

            var identities = Facts["identity"].Select(text => X25519Identity.Parse(Encoding.ASCII.GetBytes(text))!).ToList();
            AgeReader.Open(new MemoryStream(File), identities, plain);
        }
    }
}
