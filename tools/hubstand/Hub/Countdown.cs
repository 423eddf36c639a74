using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hubstand.Hub;

/// <summary>A number of next things that a fault befalls; in JSON a number.</summary>
[JsonConverter(typeof(Converter))]
public sealed class Countdown(int count)
{
    private int left = count;

    /// <summary>How many are left.</summary>
    public int Left => Math.Max(0, Volatile.Read(ref left));

    /// <summary>The next <paramref name="count"/> of them.</summary>
    [SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "The constructor is it.")]
    public static implicit operator Countdown(int count) => new(count);

    /// <summary>Takes one off; false when none was left.</summary>
    internal bool Take() => Volatile.Read(ref left) > 0 && Interlocked.Decrement(ref left) >= 0;

    private sealed class Converter : JsonConverter<Countdown>
    {
        public override Countdown Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt32());

        public override void Write(Utf8JsonWriter writer, Countdown value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Left);
    }
}
