namespace Hubstand.Workload;

/// <summary>What can go wrong with the workload API.</summary>
public sealed class WorkloadFaults
{
    /// <summary>How long every answer is held back.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Status that every request is answered with instead, such as 403 for a caller of another container; 0: none.</summary>
    public int Status { get; set; }

    /// <summary>Headers and body come in pieces of a byte each.</summary>
    public bool Trickle { get; set; }
}
