using System.Globalization;
using EdgeGateway.Models;
using EdgeGateway.Packages.Files;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Roots;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Soak.Harness;

namespace EdgeGateway.Soak.Updating;

/// <summary>Loads one model as the gateway does, in a process of its own, and prints the seconds and the most bytes that were resident.</summary>
internal static class LoadTrial
{
    /// <param name="of">A plain folder; or a package, the file of its root and that of the group's identity.</param>
    public static async Task<bool> RunAsync(string[] of)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var model = of is [var folder] ? LoadedModel.Load(folder) : FromPackage(of[0], of[1], of[2]);
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{seconds} {Machine.PeakResidentBytes}"));
        return true;
    }

    private static LoadedModel FromPackage(string folder, string root, string identity)
    {
        using var key = new GroupKey(PackageMaker.Group, 1, X25519Identity.Parse(File.ReadAllBytes(identity))!);
        var recipient = new GroupRecipient(key.Group, key.Epoch, key.Identity.Recipient.Text);
        var device = new DeviceIdentity([key.Group], [recipient], null);
        if (RootVerifier.TryStart(File.ReadAllBytes(root), out var trust, out var refusal)
            && PackageVerifier.TryVerify(PackageFolder.Measure(folder), new PackageRequest(null, null, null, ByOperator: true), trust, device, null, out var accepted, out refusal)
            && OpenedFiles.TryOpen(accepted, key, blob => PackageFolder.OpenBlob(folder, blob), out var files, out refusal))
        {
            using (files)
            {
                return LoadedModel.Load(files);
            }
        }

        throw new SoakException(refusal.Sentence);
    }
}
