namespace EdgeGateway.Phi;

/// <summary>A piece of a prompt that is put together: an added token, or text in which added tokens have no meaning.</summary>
/// <param name="Text">The token's text, or the data.</param>
/// <param name="IsControl">Whether it is an added token.</param>
public readonly record struct TextPart(string Text, bool IsControl)
{
    /// <summary>An added token by its exact text.</summary>
    public static TextPart Control(string token) => new(token, true);

    /// <summary>Text from outside.</summary>
    public static TextPart Data(string text) => new(text, false);
}
