namespace EdgeGateway.Models;

/// <summary>By which ways the memory of this process could still come into a file; root can always read it.</summary>
/// <param name="Dumps">The kernel may write a core dump.</param>
/// <param name="Diagnostics">.NET's diagnostics port, debugger, profiler and mini dumps are there.</param>
/// <param name="Swap">Pages may be written to swap, except those that are locked.</param>
internal sealed record MemoryProtection(bool Dumps, bool Diagnostics, bool Swap);
