namespace EdgeGateway.Delivery;

/// <summary>The sink may send no more for now than what is urgent: the entry waits, and nothing was sent.</summary>
internal sealed class OverBudgetException(string reason) : Exception(reason);
