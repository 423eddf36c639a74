using System.Collections.Immutable;
using System.Text;

namespace EdgeGateway.Packages.Age;

/// <summary>Recipient stanza of a header: the file key, wrapped for one recipient.</summary>
/// <param name="Arguments">At least one, the first is the type; each of one or more printable ASCII characters without space.</param>
internal sealed record Stanza(ImmutableArray<string> Arguments, ImmutableArray<byte> Body)
{
    /// <summary>What kind of recipient it is for.</summary>
    public string Type => Arguments[0];

    /// <summary>The second argument as this many bytes, beside this many arguments and a body with a wrapped file key.</summary>
    /// <exception cref="SealingException">It is not like that.</exception>
    public byte[] RequireForm(int arguments, int bytes) =>
        Arguments.Length == arguments && Body.Length == WrappedKey.Length
        && UnpaddedBase64.Decode(Encoding.ASCII.GetBytes(Arguments[1])) is { } argument && argument.Length == bytes ? argument
        : throw new SealingException(SealingFailure.Header, $"The header of the sealed file has a recipient that is no {Type} of age v1: fetch it again, or seal it again.");
}
