using SensorHub.Core;

namespace SensorHub.Storage.Bridging;

/// <summary>What a bridge has done, and how it is.</summary>
/// <param name="Id">Which output: <c>store</c>, <c>influx</c>.</param>
/// <param name="Output">The output for people: what it is and where.</param>
/// <param name="Received">Messages taken from the broker.</param>
/// <param name="Stored">Points written; one that came twice counts twice.</param>
/// <param name="Ignored">Messages that are not meant to be stored: a cleared topic.</param>
/// <param name="PassedOver">Messages that came again behind what corrects them (<see cref="CorrectionGuard"/>).</param>
/// <param name="Quarantined">Messages that cannot be stored and were set aside, by reason.</param>
/// <param name="Dropped">Of what was set aside, messages that the quarantine had no room for any more.</param>
/// <param name="Waiting">Messages delivered, and neither stored nor set aside, and so not acknowledged.</param>
/// <param name="Lag">How long the oldest of them has waited.</param>
/// <param name="Retries">Writes that failed and were tried again.</param>
/// <param name="Fault">Why it takes no points now, and what to do; null while it does.</param>
/// <param name="NeedsPerson">The fault stays until somebody mends it.</param>
public sealed record BridgeStatus(
    Slug Id, string Output, long Received, long Stored, long Ignored, long PassedOver, IReadOnlyDictionary<string, long> Quarantined, long Dropped,
    int Waiting, TimeSpan Lag, long Retries, string? Fault, bool NeedsPerson);
