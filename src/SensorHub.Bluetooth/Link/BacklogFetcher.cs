using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Link;

/// <summary>
/// Fetches what is missing from the ring buffer, oldest first, over one link: a limited request at a time, and a pause
/// behind each, so that live frames keep their latency.
/// </summary>
internal sealed class BacklogFetcher(SensorLink link, SensorStreams streams, RecordSink records, LinkOptions options, Action<ReadOnlyMemory<byte>> receive)
{
    private readonly Signal _wake = new(records.Clock.TimeProvider);

    /// <summary>The sensor is sending an answer.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Samples are missing, or an answer has ended.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Goes on until cancelled or the link is lost.</summary>
    /// <exception cref="LinkException">The link is lost, or the sensor does not answer.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (streams.Ask() is { } asked)
            {
                await FetchAsync(asked, cancellationToken);
                await records.Clock.TimeProvider.ExactlyAsync(options.BacklogPause, cancellationToken);
            }
            else
                await _wake.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }

    private async Task FetchAsync(BacklogAnswer asked, CancellationToken cancellationToken)
    {
        var request = new ControlRequest.FetchBacklog(asked.Stream, asked.BootId, unchecked((uint)asked.Start), (uint)(asked.End - asked.Start));

        // Taken in the radio's callback: the first frame of the answer may be right behind it.
        var response = await link.RequestAsync(request, CancellationToken.None, (answer, _) =>
        {
            if (answer is ControlResponse.Backlog backlog)
                streams.Answered(asked, backlog);
        });
        switch (response.Status)
        {
            case ControlStatus.Ok:
                IsRunning = true;
                await EndAsync(asked, cancellationToken);
                IsRunning = false;
                streams.Ended(asked);
                if (response is ControlResponse.Backlog { Count: 0 })
                    await AskForRangeAsync(asked.Stream);
                if (!asked.HasCome)
                    await link.EnableBacklogAsync(receive, cancellationToken);
                break;

            case ControlStatus.Busy: // with an answer that the hub no longer waits for
                await link.RequestAsync(new ControlRequest.AbortBacklog(), CancellationToken.None);
                await _wake.WaitAsync(options.BacklogSilence, cancellationToken);
                streams.Ended(asked);
                break;

            case ControlStatus.MtuTooSmall: // not over this link
                await records.Clock.TimeProvider.ExactlyAsync(Timeout.InfiniteTimeSpan, cancellationToken);
                break;

            case ControlStatus.WrongBoot or ControlStatus.NotAvailable or ControlStatus.UnknownStream or ControlStatus.UnknownOp or ControlStatus.BadLength or ControlStatus.BadParameter:
                streams.Refused(asked);
                break;

            default:
                streams.Ended(asked);
                await records.Clock.TimeProvider.ExactlyAsync(options.BacklogSilence, cancellationToken);
                break;
        }
    }

    /// <summary>Nothing is kept of what was asked: what else is not, need not be asked for.</summary>
    private async Task AskForRangeAsync(byte stream)
    {
        if (await link.RequestAsync(new ControlRequest.GetRange(stream), CancellationToken.None) is ControlResponse.Range range)
            streams.Kept(range);
    }

    /// <summary>Until the answer's last frame came, or nothing for so long that it must have been lost.</summary>
    private async Task EndAsync(BacklogAnswer asked, CancellationToken cancellationToken)
    {
        while (!asked.HasEnded && options.BacklogSilence - (records.Now - asked.LastHeard) is var left && left > TimeSpan.Zero)
            await _wake.WaitAsync(left, cancellationToken);
    }
}
