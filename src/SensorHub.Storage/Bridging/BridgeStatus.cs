namespace SensorHub.Storage.Bridging;

/// <summary>What a bridge has done, and how it is.</summary>
/// <param name="Received">Messages taken from the broker.</param>
/// <param name="Ignored">Of these, messages that are not meant to be stored: a hub's status, a cleared topic.</param>
/// <param name="Rejected">Of these, messages that cannot be stored, by reason.</param>
/// <param name="Waiting">Messages not yet with all outputs, and so not acknowledged.</param>
/// <param name="Lag">How long the oldest of them has waited.</param>
public sealed record BridgeStatus(
    long Received, long Ignored, IReadOnlyDictionary<string, long> Rejected, int Waiting, TimeSpan Lag, IReadOnlyList<OutputStatus> Outputs);

/// <param name="Stored">Points written; one that came twice counts twice.</param>
/// <param name="Rejected">Points that it refused for good, by reason.</param>
/// <param name="Retries">Writes that failed and were tried again.</param>
/// <param name="Fault">Why it takes no points now, and what to do; null while it does.</param>
/// <param name="NeedsPerson">The fault stays until somebody mends it.</param>
public sealed record OutputStatus(string Name, long Stored, IReadOnlyDictionary<string, long> Rejected, long Retries, string? Fault, bool NeedsPerson);
