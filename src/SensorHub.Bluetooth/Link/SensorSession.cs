using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Link;

/// <summary>
/// One connection to a sensor, from connecting to its loss: describes the sensor, exchanges time, starts every stream
/// and records all that comes.
/// </summary>
public sealed class SensorSession(ICentral central, string address, RecordSink records, LinkOptions options)
{
    private SensorLink? _link;
    private uint _cookie;

    /// <summary>The sensor, once it has said who it is.</summary>
    public Slug Sensor { get; private set; }

    /// <summary>Called when every stream runs.</summary>
    public Action Streaming { get; init; } = () => { };

    /// <summary>Runs until the link is lost.</summary>
    /// <returns>The radio's reason.</returns>
    /// <exception cref="LinkException">The link could not be made, or was lost before all streams ran.</exception>
    /// <exception cref="IncompatibleSensorException">The sensor cannot be used.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var link = await SensorLink.OpenAsync(central, address, records.Clock, options, cancellationToken);
        var schedule = new ExchangeSchedule(options);
        _link = link;
        Sensor = link.Sensor;
        var reason = "closed by the hub";
        try
        {
            records.Add(at => new SensorRecord.Described(at, Sensor, link.DescriptorBytes));
            await link.EnableControlAsync(cancellationToken);
            await link.EnableFramesAsync(frame => records.Add(at => new SensorRecord.Frame(at, Sensor, frame)), cancellationToken);
            for (var i = 0; i < options.FirstTimeExchanges; i++)
            {
                await records.Clock.TimeProvider.ExactlyAsync(schedule.Next(), cancellationToken);
                await ExchangeTimeAsync(link, cancellationToken);
            }
            foreach (var stream in link.Descriptor.Streams)
                await StartAsync(link, stream, cancellationToken);
            records.Add(at => new SensorRecord.Link(at, Sensor, LinkState.Streaming, ""));
            Streaming();
            return reason = await KeepTimeAsync(link, schedule, cancellationToken);
        }
        catch (LinkException e)
        {
            reason = link.Lost.IsCompletedSuccessfully ? await link.Lost : e.Message;
            throw;
        }
        finally
        {
            _link = null;
            await link.DisposeAsync();
            records.Add(at => new SensorRecord.Link(at, Sensor, LinkState.Lost, reason));
        }
    }

    /// <summary>Asks for samples from the sensor's ring buffer; their frames are recorded as they come.</summary>
    /// <returns>What of the range will come; null when the sensor refuses.</returns>
    /// <exception cref="LinkException">There is no link.</exception>
    public async Task<ControlResponse.Backlog?> FetchAsync(byte stream, uint bootId, uint sequence, uint count, CancellationToken cancellationToken)
    {
        var link = _link ?? throw new LinkException("The sensor is not connected.");
        return await link.RequestAsync(new ControlRequest.FetchBacklog(stream, bootId, sequence, count), cancellationToken) as ControlResponse.Backlog;
    }

    private async Task StartAsync(SensorLink link, StreamDescriptor stream, CancellationToken cancellationToken)
    {
        if (stream.Kind is < StreamKind.Imu or > StreamKind.Events)
            return; // of a newer minor version
        var fastest = stream.IsIrregular ? 0 : stream.Periods[0];
        var response = await link.RequestAsync(new ControlRequest.Start(stream.Id, fastest, options.LatencyMilliseconds), cancellationToken);
        if (response.Status is not (ControlStatus.Ok or ControlStatus.AlreadyInState))
            throw new LinkException($"{Sensor} refused to start its {stream.Kind} stream: {response.Status}.");
    }

    private async Task<string> KeepTimeAsync(SensorLink link, ExchangeSchedule schedule, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var due = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var interval = records.Clock.TimeProvider.ExactlyAsync(schedule.Next(), due.Token);
            var first = await Task.WhenAny(link.Lost, interval);
            due.Cancel(); // CancelAsync would continue on the thread pool, away from virtual time
            if (first == link.Lost)
                return await link.Lost;
            await interval;
            await ExchangeTimeAsync(link, cancellationToken);
        }
    }

    private async Task ExchangeTimeAsync(SensorLink link, CancellationToken cancellationToken)
    {
        var cookie = ++_cookie;
        await link.RequestAsync(new ControlRequest.ExchangeTime(cookie), cancellationToken, (response, requestedAt) =>
        {
            if (response is ControlResponse.Time time && time.Cookie == cookie)
                records.Add(at => new SensorRecord.TimeExchanged(at, Sensor, requestedAt, new DeviceTime(time.BootId, time.Received), time.Sent));
        });
    }
}
