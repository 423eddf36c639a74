namespace EdgeGateway.Packages.Verification;

/// <summary>Why a package or a root is not taken (docs/formats/package.md, section Verification); each has its sentence in a <see cref="Refusal"/>.</summary>
public enum RefusalCode
{
    /// <summary>The envelope has more than 1 MiB.</summary>
    TooLarge,

    /// <summary>The envelope's SHA-256 is not the one asked for.</summary>
    Digest,

    /// <summary>No DSSE envelope.</summary>
    Envelope,

    /// <summary>The envelope holds something else than what was asked for.</summary>
    PayloadType,

    /// <summary>Enough keys of another role signed it, not enough of the right one.</summary>
    WrongRole,

    /// <summary>Fewer distinct release keys than the threshold signed it.</summary>
    Threshold,

    /// <summary>The manifest breaks a rule of its format.</summary>
    Manifest,

    /// <summary>It needs a newer reader.</summary>
    Critical,

    /// <summary>Kind, name or release is not what was asked for.</summary>
    Slot,

    /// <summary>The root has expired. Waits.</summary>
    RootExpired,

    /// <summary>The manifest has expired.</summary>
    Expired,

    /// <summary>The security epoch is above the root's.</summary>
    EpochAhead,

    /// <summary>The security epoch is below the floor.</summary>
    Epoch,

    /// <summary>The release is below the floor and no operator asked for it.</summary>
    Rollback,

    /// <summary>It is for none of the device's groups.</summary>
    Group,

    /// <summary>The device has no key of that epoch of the group yet. Waits.</summary>
    GroupKey,

    /// <summary>The device's key of that group and epoch is another one than the manifest names.</summary>
    Recipient,

    /// <summary>An adapter for another model.</summary>
    BaseModel,

    /// <summary>An adapter for another tokenizer.</summary>
    Tokenizer,

    /// <summary>An adapter for another form of prompts.</summary>
    PromptVersion,

    /// <summary>A blob is not there. Waits.</summary>
    BlobMissing,

    /// <summary>A blob is a link or no plain file.</summary>
    BlobKind,

    /// <summary>A sealed blob is longer or shorter than the manifest says.</summary>
    BlobLength,

    /// <summary>A blob's sealed bytes are others than the manifest says.</summary>
    BlobDigest,

    /// <summary>A blob cannot be opened: no age file, a header that does not verify, no key for it, a chunk that is not authentic, cut or continued.</summary>
    Sealing,

    /// <summary>What was opened is not the key of that group and epoch.</summary>
    Grant,

    /// <summary>An opened blob is longer or shorter than the manifest says.</summary>
    PlainLength,

    /// <summary>An opened blob's bytes are others than the manifest says.</summary>
    PlainDigest,

    /// <summary>The root breaks a rule of its format.</summary>
    Root,

    /// <summary>The root is not the next version.</summary>
    RootVersion,

    /// <summary>Fewer distinct root keys of the root before signed it than its threshold.</summary>
    OldThreshold,

    /// <summary>Fewer distinct root keys of the root itself signed it than its threshold.</summary>
    NewThreshold,
}
