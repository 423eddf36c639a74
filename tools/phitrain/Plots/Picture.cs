using EdgeGateway.PhiTrain.Commands;
using EdgeGateway.Storage;
using ScottPlot;
using SkiaSharp;

namespace EdgeGateway.PhiTrain.Plots;

/// <summary>What all pictures need.</summary>
internal static class Picture
{
    /// <summary>Chooses a font of this machine. ScottPlot draws without one too, but no letter then.</summary>
    /// <exception cref="MachineException">There is none; the message says what to do.</exception>
    public static void NeedsFont()
    {
        var families = SKFontManager.Default.FontFamilies.Where(f => f.Length > 0).ToArray();
        Fonts.Default = families.FirstOrDefault(f => f.EndsWith("Sans", StringComparison.Ordinal)) ?? families.FirstOrDefault()
            ?? throw new MachineException("A picture needs a font, and this machine has none: install one (Debian, Ubuntu: apt-get install fonts-dejavu-core).");
    }

    /// <summary>Writes a PNG whole or not at all.</summary>
    public static void Write(string path, Image image)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        DurableFile.Replace(path, image.GetImageBytes(ImageFormat.Png));
    }
}
