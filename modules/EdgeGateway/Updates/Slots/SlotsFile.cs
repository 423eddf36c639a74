using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGateway.Storage;

namespace EdgeGateway.Updates.Slots;

/// <summary>The states of all slots in one file, <c>updates/slots.json</c>: whole or absent, and written before a change counts. Safe for many threads.</summary>
internal sealed class SlotsFile
{
    private const int MostBytes = 4 << 20;

    /// <summary>Packages from the inbox that are remembered.</summary>
    private const int MostSeen = 64;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };
    private readonly Lock gate = new();
    private readonly string path;
    private Content content;

    private SlotsFile(string path, Content content, bool isNew) => (this.path, this.content, IsNew) = (path, content, isNew);

    /// <summary>Whether there was none: then nobody knows what was acted upon before, and nothing that is found is an act.</summary>
    public bool IsNew { get; }

    /// <summary>The slots that something is known of.</summary>
    public IReadOnlyCollection<SlotId> All => [.. content.Slots.Keys.Select(SlotId.Parse)];

    /// <summary>A slot.</summary>
    public SlotState this[SlotId slot] => content.Slots.GetValueOrDefault(slot.ToString(), SlotState.Empty);

    /// <summary>Opens the file of a folder. One that cannot be used is put aside, and <paramref name="problem"/> says so: packages that were installed are then asked for anew.</summary>
    public static SlotsFile Open(string folder, out string? problem)
    {
        problem = null;
        Directory.CreateDirectory(folder);
        var path = PathIn(folder);
        try
        {
            return DurableFile.Read(path, MostBytes) is not { } bytes ? new SlotsFile(path, Content.Empty, isNew: true) : new SlotsFile(path, Content.Read(bytes), isNew: false);
        }
        catch (Exception e) when (e is JsonException or FormatException or StorageException { Fault: StorageFault.Damaged })
        {
            File.Move(path, path + ".damaged", overwrite: true);
            problem = $"{path} cannot be used ({e.Message}) and was put aside as {Path.GetFileName(path)}.damaged: the image's model judges, and what the settings ask for is installed anew.";
            return new SlotsFile(path, Content.Empty, isNew: true);
        }
    }

    /// <summary>What the file says now, for somebody who only looks.</summary>
    /// <exception cref="StorageException">It cannot be used.</exception>
    public static SlotsFile Look(string folder)
    {
        var path = PathIn(folder);
        try
        {
            return new SlotsFile(path, DurableFile.Read(path, MostBytes) is { } bytes ? Content.Read(bytes) : Content.Empty, isNew: true);
        }
        catch (Exception e) when (e is JsonException or FormatException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageFault.Damaged, path, e.Message, e);
        }
    }

    /// <summary>Changes a slot, first on disk.</summary>
    /// <exception cref="StorageException">The disk did not take it: nothing has changed.</exception>
    public SlotState Change(SlotId slot, Func<SlotState, SlotState> change)
    {
        lock (gate)
        {
            var state = change(this[slot]);
            Write(content with { Slots = content.Slots.SetItem(slot.ToString(), state) });
            return state;
        }
    }

    /// <summary>Whether a package of the inbox was looked at before.</summary>
    public bool WasSeen(string sha256) => content.Seen.Contains(sha256);

    /// <summary>Remembers that a package of the inbox was looked at.</summary>
    /// <exception cref="StorageException">As above.</exception>
    public void Saw(string sha256)
    {
        lock (gate)
        {
            Write(content with { Seen = [.. content.Seen.TakeLast(MostSeen - 1), sha256] });
        }
    }

    /// <summary>Packages of the inbox are looked at once more.</summary>
    /// <exception cref="StorageException">As above.</exception>
    public void Forget(IEnumerable<string> packages)
    {
        lock (gate)
        {
            var seen = content.Seen.RemoveRange(packages);
            if (seen.Length != content.Seen.Length)
            {
                Write(content with { Seen = seen });
            }
        }
    }

    /// <summary>Where it lies in the folder of updates.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, "slots.json");

    private void Write(Content next)
    {
        if (next == content)
        {
            return;
        }

        DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(next, Json));
        content = next;
    }

    private sealed record Content([property: JsonRequired] int Format, [property: JsonRequired] ImmutableSortedDictionary<string, SlotState> Slots, [property: JsonRequired] ImmutableArray<string> Seen)
    {
        public static Content Empty { get; } = new(1, ImmutableSortedDictionary.Create<string, SlotState>(StringComparer.Ordinal), []);

        public static Content Read(byte[] bytes)
        {
            var read = JsonSerializer.Deserialize<Content>(bytes, Json) ?? throw new JsonException("it holds null");
            if (read.Format != 1)
            {
                throw new FormatException($"its format is {read.Format}, this version reads 1");
            }

            foreach (var (name, state) in read.Slots)
            {
                SlotId.Parse(name);
                _ = state is { Refused.IsDefault: false, Starts.IsDefault: false } ? state : throw new FormatException($"its slot {name} is incomplete");
            }

            return read;
        }
    }
}
