namespace EdgeGateway.Packages.Age;

/// <summary>What is wrong with a sealed file.</summary>
public enum SealingFailure
{
    /// <summary>It is no age file, or its header breaks a rule of age v1.</summary>
    Header,

    /// <summary>It, or its header, is longer than what is read.</summary>
    TooLarge,

    /// <summary>It is sealed to others, or with another passphrase.</summary>
    NoKey,

    /// <summary>The header was changed after it was made.</summary>
    HeaderMac,

    /// <summary>A chunk was changed, or stands in another place than it was sealed for.</summary>
    Chunk,

    /// <summary>It ends before its last chunk.</summary>
    Truncated,

    /// <summary>It goes on behind its last chunk.</summary>
    Appended,

    /// <summary>It is whole, and holds more or less than was told.</summary>
    PlainLength,

    /// <summary>It is whole, and holds something else than the key of that group and epoch.</summary>
    Grant,
}
