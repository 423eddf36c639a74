using System.Collections.Immutable;
using System.IO.Compression;
using EdgeGateway.Prompts;
using EdgeGateway.Storage;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Updates.Proving;

/// <summary>A window whose truth is known, because a generator made its series.</summary>
/// <param name="Kind">The fault in it as a model's labels name it, or <see cref="LabelSpec.Normal"/>.</param>
/// <param name="Fields">Raw fields in the order of <see cref="SensorFields.Names"/>; NaN = absent. Every model makes its own prompt of them.</param>
internal sealed record CanonicalWindow(string Kind, ImmutableArray<double> Fields)
{
    /// <summary>Whether there is a fault in it.</summary>
    public bool IsFault => Kind != LabelSpec.Normal;
}

/// <summary>
/// The windows that every model or adapter is proven on, before the windows of its own package. They lie in the image, in an order of which any beginning is a sample of all, with
/// faults in its first half. Made by <c>modelkit model canonical</c>, of generated series that no model was trained on.
/// </summary>
internal sealed record CanonicalWindows(ImmutableArray<CanonicalWindow> All)
{
    /// <summary>No proof has less, however slow the model: of the image's, 40 windows of each kind of fault and 400 normal ones.</summary>
    public const int Fewest = 760;

    private const int Version = 1;

    /// <summary>Mantissa bits of a stored number: more would tell nothing of a window, and compress badly.</summary>
    private const int DroppedBits = 11;

    /// <summary>Where the image has them.</summary>
    public static string BuiltIn => Path.Combine(AppContext.BaseDirectory, "models", "canonical", "windows.bin.br");

    /// <summary>A raw field as it is stored.</summary>
    public static float Stored(double field) =>
        double.IsNaN(field) ? float.NaN : BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits((float)field) + (1u << (DroppedBits - 1))) & (uint.MaxValue << DroppedBits));

    /// <summary>The first of them: a smaller sample of all.</summary>
    /// <param name="count">At most as many as there are.</param>
    public CanonicalWindows First(int count) => new(All[..count]);

    /// <summary>Reads a file of them.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or was made for other fields than this version computes.</exception>
    public static CanonicalWindows Load(string path)
    {
        try
        {
            using var reader = new BinaryReader(new BrotliStream(File.OpenRead(path), CompressionMode.Decompress));
            if (reader.ReadInt32() != Version || !Texts(reader).SequenceEqual(SensorFields.Names))
            {
                throw new InvalidDataException($"{path} was made for another version of the gateway; make it again with modelkit model canonical.");
            }

            var (kinds, windows) = (Texts(reader), new CanonicalWindow[reader.ReadInt32()]);
            for (var i = 0; i < windows.Length; i++)
            {
                windows[i] = new CanonicalWindow(kinds[reader.ReadByte()], [.. Enumerable.Range(0, SensorFields.Count).Select(_ => (double)reader.ReadSingle())]);
            }

            return new CanonicalWindows([.. windows]);
        }
        catch (Exception e) when (e is EndOfStreamException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException($"{path} is damaged; install the gateway's image again.", e);
        }
    }

    /// <summary>Writes a file of them; the same windows give the same bytes.</summary>
    public void Save(string path) => DurableFile.Replace(path, file =>
    {
        using var writer = new BinaryWriter(new BrotliStream(file, CompressionLevel.SmallestSize, leaveOpen: true));
        string[] kinds = [.. All.Select(w => w.Kind).Distinct()];
        writer.Write(Version);
        Write(writer, SensorFields.Names);
        Write(writer, kinds);
        writer.Write(All.Length);
        foreach (var window in All)
        {
            writer.Write((byte)Array.IndexOf(kinds, window.Kind));
            foreach (var field in window.Fields)
            {
                writer.Write((float)field);
            }
        }
    });

    private static string[] Texts(BinaryReader reader) => [.. Enumerable.Range(0, reader.ReadByte()).Select(_ => reader.ReadString())];

    private static void Write(BinaryWriter writer, IReadOnlyCollection<string> texts)
    {
        writer.Write((byte)texts.Count);
        foreach (var text in texts)
        {
            writer.Write(text);
        }
    }
}
