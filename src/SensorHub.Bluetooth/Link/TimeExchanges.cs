using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Link;

/// <summary>Exchanges time over one link, and records it.</summary>
internal sealed class TimeExchanges(SensorLink link, RecordSink records, LinkOptions options)
{
    private readonly ExchangeSchedule _schedule = new(options);
    private uint _cookie;

    /// <summary>The first exchanges, before the streams start.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < options.FirstTimeExchanges; i++)
            await NextAsync(cancellationToken);
    }

    /// <summary>Goes on until cancelled or the link is lost.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        while (true)
            await NextAsync(cancellationToken);
    }

    private async Task NextAsync(CancellationToken cancellationToken)
    {
        await records.Clock.TimeProvider.ExactlyAsync(_schedule.Next(), cancellationToken);
        var cookie = ++_cookie;
        await link.RequestAsync(new ControlRequest.ExchangeTime(cookie), CancellationToken.None, (response, requestedAt) =>
        {
            if (response is ControlResponse.Time time && time.Cookie == cookie)
                records.Add(at => new SensorRecord.TimeExchanged(at, link.Sensor, requestedAt, new DeviceTime(time.BootId, time.Received), time.Sent));
        });
    }
}
