namespace EdgeGateway.Phi;

/// <summary>
/// Conversations as the chat models of the Phi family were trained on them: &lt;|role|&gt; content &lt;|end|&gt;, with line breaks between in Phi-3's form and without in Phi-4-mini's.
/// What stands in a content is data: added tokens in it are read as plain text, except runs of blanks.
/// </summary>
public sealed class ChatTemplate
{
    private const string End = "<|end|>";
    private static readonly string[] Roles = ["system", "user", "assistant"];

    private readonly Tokenizer tokenizer;
    private readonly string lineBreak;

    private ChatTemplate(Tokenizer tokenizer)
    {
        this.tokenizer = tokenizer;
        lineBreak = tokenizer.IsByteLevel ? "" : "\n";
    }

    /// <summary>The template of a tokenizer; null when it lacks the tokens of one, as Phi-2's does.</summary>
    public static ChatTemplate? Of(Tokenizer tokenizer) =>
        tokenizer.TryGetId(End, out _) && Roles.All(role => tokenizer.TryGetId(Control(role), out _)) ? new ChatTemplate(tokenizer) : null;

    /// <summary>The ids that end a turn.</summary>
    public int[] EndOfTurn() => tokenizer.Encode(Ending());

    /// <summary>The ids that begin a turn, with what it says so far.</summary>
    /// <param name="role">system, user or assistant.</param>
    /// <param name="content">Data.</param>
    public int[] BeginTurn(string role, string content = "") => tokenizer.Encode(Begin(role, content));

    /// <summary>The ids of finished turns, after which the assistant's begins.</summary>
    /// <param name="turns">Role and content.</param>
    public int[] Encode(params IEnumerable<(string Role, string Content)> turns) =>
        tokenizer.Encode([.. turns.SelectMany(turn => (TextPart[])[.. Begin(turn.Role, turn.Content), .. Ending()]), .. Begin("assistant", "")]);

    private TextPart[] Begin(string role, string content)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Array.IndexOf(Roles, role), nameof(role));
        return [TextPart.Control(Control(role)), TextPart.Data(lineBreak + content)];
    }

    private TextPart[] Ending() => [TextPart.Control(End), TextPart.Data(lineBreak)];

    private static string Control(string role) => $"<|{role}|>";
}
