using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Files;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Updates.Fetching;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Updates.Steps;

/// <summary>The steps of a candidate up to the one that activates it, and what they hold in memory: that is gone with the process, after which they are done again.</summary>
internal sealed class CandidateSteps(SlotId slot, UpdateParts parts, ActiveSlot active) : IDisposable
{
    private readonly PackageLoader loader = new(slot, parts);
    private Candidate? under;
    private LoadedPackage? loaded;
    private ProofReferences? references;
    private CandidateProof? proof;
    private (long Done, long Total) progress;

    /// <summary>The package as it was accepted; null before.</summary>
    public AcceptedPackage? Accepted { get; private set; }

    /// <summary>Bytes fetched, and of how many.</summary>
    public (long Done, long Total) Progress => progress;

    /// <summary>Whether it is an adapter that was staged on a model which was exchanged since, or was held against others under a threshold that an operator has changed since.</summary>
    public bool IsOutdated => loaded?.IsOutdated == true || (references is not null && references.Under.Threshold != parts.Detection().Threshold);

    /// <summary>Does the step that is due; each finds what the one before it left.</summary>
    public async Task<StepOutcome> RunAsync(Candidate candidate, CancellationToken token)
    {
        if (under is null || (under.Sha256, under.Asked) != (candidate.Sha256, candidate.Asked))
        {
            Forget();
            under = candidate;
        }

        return candidate.Step switch
        {
            UpdateStep.Fetch => await FetchAsync(candidate, token),
            UpdateStep.Verify => Verify(candidate),
            UpdateStep.Prove => await ProveAsync(candidate, token),
            _ => await parts.HeavilyAsync(() => Load(candidate, token), token),
        };
    }

    /// <summary>Hands over what has passed every step; it belongs to the caller from then on.</summary>
    public LoadedPackage Hand()
    {
        var handed = loaded!;
        loaded = null;
        return handed;
    }

    /// <summary>Lets go of all that is in memory.</summary>
    public void Forget()
    {
        proof?.Dispose();
        loaded?.Dispose();
        (under, Accepted, loaded, references, proof, progress) = (null, null, null, null, null, default);
        active.StepBack();
    }

    /// <inheritdoc/>
    public void Dispose() => Forget();

    private async Task<StepOutcome> FetchAsync(Candidate candidate, CancellationToken token)
    {
        if (parts.Store.Envelope(candidate.Sha256) is null && await FetchEnvelopeAsync(candidate, token) is { End: not StepEnd.Done } missing)
        {
            return missing;
        }

        var envelope = parts.Store.Envelope(candidate.Sha256)!;

        // nobody's blobs are fetched before their manifest was accepted
        var outcome = loader.Verify(PackageStore.WithoutBlobs(envelope), candidate, out _);
        if (outcome.Code != "blob-missing")
        {
            return outcome;
        }

        var blobs = PackageStore.ManifestOf(envelope)!.Blobs;
        progress = (0, blobs.Sum(b => b.SealedSize));
        foreach (var blob in blobs)
        {
            if (await FetchBlobAsync(candidate, blob, token) is { End: not StepEnd.Done } problem)
            {
                return problem;
            }

            progress.Done += blob.SealedSize;
        }

        return StepOutcome.Done;
    }

    private async Task<StepOutcome> FetchEnvelopeAsync(Candidate candidate, CancellationToken token)
    {
        if (candidate.Origin == UpdateOrigin.Settings)
        {
            return await FetchAsync(new Uri(candidate.Source!), Envelope.MaxBytes, null, candidate.Sha256, parts.Store.EnvelopePath(candidate.Sha256), token);
        }

        var envelope = candidate.Source is { } folder ? PackageFolder.ReadEnvelope(folder) : [];
        return envelope.Length <= Envelope.MaxBytes && parts.Store.Keep(envelope) == candidate.Sha256 ? StepOutcome.Done
            : StepOutcome.Waits("blob-missing", $"The manifest of the package is not in {candidate.Source ?? "the store"} any more; bring it again.");
    }

    private async Task<StepOutcome> FetchBlobAsync(Candidate candidate, PackageBlob blob, CancellationToken token)
    {
        if (candidate.Origin == UpdateOrigin.Settings)
        {
            return await FetchAsync(new Uri(new Uri(candidate.Source!), $"{PackageFolder.BlobsName}/{blob.SealedName}"), blob.SealedSize, blob.SealedSize, blob.SealedSha256, parts.Store.BlobPath(blob), token);
        }

        return await Task.Run(() => parts.Store.TryCopy(candidate.Source ?? "", blob), token) ? StepOutcome.Done
            : StepOutcome.Waits("blob-missing", $"Blob {blob.SealedName} ({blob.Path}) is not whole in {candidate.Source ?? "the store"}; copy the package there again, or wait until the copy is done.");
    }

    private async Task<StepOutcome> FetchAsync(Uri url, long most, long? size, string sha256, string path, CancellationToken token)
    {
        var before = progress.Done;
        var result = await parts.Fetcher.FetchAsync(new FetchTarget(url, parts.Query(slot), most, size, sha256), path, bytes => Advance(before + bytes), token);
        progress.Done = before;
        return StepOutcome.Of(result);
    }

    /// <summary>Told to the outside by tens of percent: each is a message to the hub.</summary>
    private void Advance(long done)
    {
        var isTen = progress.Total > 0 && 10 * done / progress.Total != 10 * progress.Done / progress.Total;
        progress.Done = done;
        if (isTen)
        {
            parts.Changed();
        }
    }

    private StepOutcome Verify(Candidate candidate)
    {
        var outcome = loader.Verify(parts.Store.Measure(parts.Store.Envelope(candidate.Sha256) ?? []), candidate, out var accepted);
        Accepted = accepted;
        if (accepted is not null)
        {
            parts.Log.Note("accepted", $"{slot} release {accepted.Manifest.Release}", candidate.Sha256);
        }

        return outcome;
    }

    private StepOutcome Load(Candidate candidate, CancellationToken token)
    {
        if (candidate.Step != UpdateStep.Open)
        {
            return candidate.Step == UpdateStep.Stage ? Stage(token) : loaded!.WarmUp();
        }

        if (parts.Starts.TookTooMany(slot, candidate.Sha256))
        {
            return StepOutcome.Refused("starts", $"The process died {StartWatch.Most} times while it loaded this package; have it made for smaller devices, or mended.");
        }

        parts.Starts.Began(slot, candidate.Sha256);

        // it is open already where a full disk did not note the step
        return loaded is null ? loader.Open(Accepted!, out loaded) : StepOutcome.Done;
    }

    /// <summary>Side by side with what judges; a model that does not fit beside it takes its place, once the other was asked what it will be held against, while statistics judge.</summary>
    private StepOutcome Stage(CancellationToken token)
    {
        var outcome = loaded!.Stage(parts.Host.HasModel ? parts.FreeMemory() : null);
        if (outcome.Code != "memory" || slot.Adapter is not null || !parts.Host.HasModel)
        {
            return outcome;
        }

        references = ProofReferences.Of(slot, parts, token);
        active.StepAside();
        return loaded!.Stage(memoryLimit: null);
    }

    private async Task<StepOutcome> ProveAsync(Candidate candidate, CancellationToken token)
    {
        var outcome = proof is { HasSeenRecorded: true }
            ? proof.OnLive(states => parts.Slots.Change(slot, s => s.Candidate is { } now && now.Asked == candidate.Asked ? s with { Candidate = now with { Shadow = states } } : s))
            : await parts.HeavilyAsync(() => ProveOnRecorded(candidate, token), token);
        if (proof is { HasSeenRecorded: true })
        {
            parts.Starts.EndedWell(slot, candidate.Sha256);
        }

        return outcome;
    }

    private StepOutcome ProveOnRecorded(Candidate candidate, CancellationToken token)
    {
        references ??= ProofReferences.Of(slot, parts, token);
        proof ??= new CandidateProof(slot, parts, loaded!, Accepted!.Manifest, references, candidate.Shadow ?? new ShadowStates(null, null));
        return proof.OnRecorded(token);
    }
}
