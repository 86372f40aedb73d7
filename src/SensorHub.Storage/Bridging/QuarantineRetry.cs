using SensorHub.Core;

namespace SensorHub.Storage.Bridging;

/// <summary>
/// Tries messages of a quarantine again, straight at the outputs that did not take them: what a bridge may publish is its confirmations alone, and another
/// bridge at that broker has the message already. Beside a running bridge or without one.
/// </summary>
/// <remarks>
/// Give it the oldest first: a hub sends a correction after what it corrects, so the correction has the last word among the messages of one run. What is stored
/// already is not looked at: a message that is tried again when its correction had been stored takes that back.
/// </remarks>
/// <param name="quarantine">Where they are.</param>
/// <param name="outputs">Where to; they stay the caller's to dispose. One that turned out to be away is not asked again.</param>
public sealed class QuarantineRetry(Quarantine quarantine, IReadOnlyList<(Slug Id, IPointOutput Output)> outputs)
{
    private readonly Dictionary<Slug, OutputException> _away = [];

    /// <summary>Stores the message and removes it from the quarantine; or keeps it, with the new reason if it has one.</summary>
    /// <exception cref="UserException">The quarantine cannot be written.</exception>
    public async Task<RetryResult> TryAsync(QuarantinedMessage message, CancellationToken cancellationToken)
    {
        if (!message.IsWhole)
            return RetryResult.Kept($"it had {message.Bytes} bytes and only its beginning is there: it can only be dropped");
        var read = PointReader.Read(message.Topic, message.PayloadBytes());
        if (read.IsRejected)
            return StillRejected(message, read.Reason, read.Detail);
        if (read.Point is not { } point)
            return Gone(message, "holds nothing to store any more");
        var chosen = OutputsFor(message);
        if (chosen.Count == 0)
            return RetryResult.Kept($"name the output '{message.Output}' that it is for with {(message.Output == Bridge.Influx.ToString() ? "--influx URL" : "--store FILE")}");
        foreach (var (id, output) in chosen)
        {
            if (_away.TryGetValue(id, out var away))
                return RetryResult.Kept(away.Message.TrimEnd('.'));
            try
            {
                if (await output.WriteAsync([point], cancellationToken).ConfigureAwait(false) is { Rejected: [var rejected, ..] })
                    return StillRejected(message, rejected.Reason, rejected.Detail);
            }
            catch (OutputException e)
            {
                _away[id] = e;
                return RetryResult.Kept(e.Message.TrimEnd('.'));
            }
        }
        return Gone(message, $"is stored in {string.Join(" and ", chosen.Select(o => o.Output.Name))}");
    }

    /// <summary>The one that did not take it; every one, if that is none we know.</summary>
    private List<(Slug Id, IPointOutput Output)> OutputsFor(QuarantinedMessage message) => message.Output == Bridge.Store.ToString() || message.Output == Bridge.Influx.ToString()
        ? [.. outputs.Where(o => o.Id.ToString() == message.Output)]
        : [.. outputs];

    private RetryResult Gone(QuarantinedMessage message, string says)
    {
        quarantine.Remove(message);
        return new RetryResult(true, says);
    }

    private RetryResult StillRejected(QuarantinedMessage message, string reason, string detail)
    {
        if ((message.Reason, message.Detail) != (reason, detail))
            quarantine.Add(message with { Reason = reason, Detail = detail });
        return RetryResult.Kept($"{reason}: {detail.TrimEnd('.')}");
    }
}

/// <summary>What became of a message that was tried again.</summary>
/// <param name="IsGone">It is in the quarantine no more.</param>
/// <param name="Says">For a person, to go on after the message's ID: why it is kept, or where it went.</param>
public readonly record struct RetryResult(bool IsGone, string Says)
{
    internal static RetryResult Kept(string why) => new(false, $"is kept: {why}");
}
