using System.Globalization;
using System.Text;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Packages.Groups;

/// <summary>Identity that the devices of a group share in one of its epochs; packages for the group are sealed to its recipient. Owns the identity.</summary>
/// <param name="Group">Name: 1 to 64 of <c>a-z 0-9 -</c>, a letter or digit first.</param>
/// <param name="Epoch">1 and more.</param>
public sealed record GroupKey(string Group, int Epoch, X25519Identity Identity) : IDisposable
{
    /// <summary>
    /// The secret text, an identity file of age: <c># group: line-a</c>, <c># epoch: 4</c>, <c>AGE-SECRET-KEY-1...</c>, a line each. The caller clears it; it does not move in memory.
    /// </summary>
    public byte[] ToText()
    {
        var lines = Lines(Group, Epoch);
        var text = GC.AllocateUninitializedArray<byte>(lines.Length + X25519Identity.TextLength + 1, pinned: true);
        lines.CopyTo(text, 0);
        Identity.WriteText(text.AsSpan(lines.Length, X25519Identity.TextLength));
        text[^1] = (byte)'\n';
        return text;
    }

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    /// <exception cref="SealingException"><see cref="SealingFailure.Grant"/>: it is no such text, or of another group or epoch.</exception>
    public static GroupKey Parse(ReadOnlySpan<byte> text, string group, int epoch)
    {
        var lines = Lines(group, epoch);
        if (!text.StartsWith(lines))
        {
            throw new SealingException(
                SealingFailure.Grant,
                $"What was opened is not the key of group {group}, epoch {epoch}: its first lines say otherwise. Take the file of that group and epoch.");
        }

        return text[lines.Length..] is [.. var key, (byte)'\n'] && X25519Identity.Parse(key) is { } identity ? new GroupKey(group, epoch, identity)
            : throw new SealingException(SealingFailure.Grant, $"What was opened names group {group}, epoch {epoch}, and has no key behind that: make the file again.");
    }

    /// <inheritdoc/>
    public void Dispose() => Identity.Dispose();

    private static byte[] Lines(string group, int epoch) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"# group: {group}\n# epoch: {epoch}\n"));
}
