namespace Hubstand.Identities;

/// <summary>A registered device or module and what proves it.</summary>
/// <param name="Name">Who it is.</param>
/// <param name="GenerationId">Changes when the identity is deleted and made again.</param>
/// <param name="PrimaryKey">Symmetric key in base64.</param>
/// <param name="SecondaryKey">The other key, accepted as well.</param>
/// <param name="Thumbprint">SHA-256 of a client certificate in hexadecimal; null when there is none.</param>
/// <param name="Enabled">False: it is refused with return code 5.</param>
public sealed record Identity(IdentityName Name, string GenerationId, string PrimaryKey, string SecondaryKey, string? Thumbprint = null, bool Enabled = true);
