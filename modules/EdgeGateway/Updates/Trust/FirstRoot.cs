using EdgeGateway.Twin;

namespace EdgeGateway.Updates.Trust;

/// <summary>What trust begins with: never the data folder and never the hub, but files that came with the image, or that whoever set the gateway up put there.</summary>
/// <param name="Envelope">The first root; null: none, so that nothing can be installed.</param>
/// <param name="Source">The file of the root.</param>
/// <param name="Floors">The floors of the image.</param>
/// <param name="Problem">Why a file that is there, or was named, cannot be used; one sentence.</param>
internal sealed record FirstRoot(byte[]? Envelope, string Source, FloorRecord Floors, string? Problem)
{
    private const int MostRootBytes = Packages.Envelopes.Envelope.MaxBytes;
    private const int MostFloorBytes = 256 * 1024;

    /// <summary>Reads both.</summary>
    /// <param name="siteFile">The root file that the site's settings name; null: that of the image.</param>
    /// <param name="applicationFolder">Where the image's lie: <c>trust/root.json</c> and <c>trust/floors.json</c>.</param>
    public static FirstRoot Read(string? siteFile, string applicationFolder)
    {
        var source = siteFile ?? Path.Combine(applicationFolder, "trust", "root.json");
        var envelope = KeptFile.Read(source, MostRootBytes, out var problem);
        if (envelope is null && siteFile is not null)
        {
            problem ??= $"{siteFile} does not exist, so that nothing can be installed: put the root file there that updates.root of the settings names.";
        }

        var floors = FloorsOf(Path.Combine(applicationFolder, "trust", "floors.json"), ref problem);
        return new FirstRoot(envelope, source, floors, problem);
    }

    private static FloorRecord FloorsOf(string path, ref string? problem)
    {
        var bytes = KeptFile.Read(path, MostFloorBytes, out var unread);
        if (bytes is not null && FloorRecord.TryRead(TwinJson.Parse(bytes), out var floors))
        {
            return floors;
        }

        problem ??= unread ?? (bytes is null ? null : $"{path} has no floors that can be read: build the image with a file as EdgeGateway reports them.");
        return FloorRecord.None;
    }
}
