using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Web.Live;
using SensorHub.Web.People;

namespace SensorHub.Web.Posture;

/// <summary>Tells the hub, as a session begins, how its person has chosen to be reminded: a hub that was started anew does not know.</summary>
internal sealed class KeptReminders(LiveFeed feed, BrokerFeed broker, IDbContextFactory<PeopleContext> people) : BackgroundService, IMailbox
{
    private readonly Channel<LiveMessage> _sessions =
        Channel.CreateBounded<LiveMessage>(new BoundedChannelOptions(4) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public void Post(LiveMessage message)
    {
        if (message.Carried is SessionPayload session && session.Event != EnumNames.Of(SessionEvent.Ended))
            _sessions.Writer.TryWrite(message);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var message in feed.Open((IMailbox)this))
            Post(message);
        string? told = null;
        try
        {
            await foreach (var message in _sessions.Reader.ReadAllAsync(stoppingToken).ConfigureAwait(false))
                if (message.Session != told && await TellAsync(message.Subject, stoppingToken).ConfigureAwait(false))
                    told = message.Session;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        feed.Close(this);
    }

    /// <returns>False: the hub does not know yet. A session says each second that it is on.</returns>
    private async Task<bool> TellAsync(Slug subject, CancellationToken cancellationToken)
    {
        using var database = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var id = subject.ToString();
        if (await database.Subjects.Where(s => s.Id == id).Select(s => (ReminderMode?)s.Reminders).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false) is not { } mode)
            return true;
        try
        {
            await broker.SendAsync(new Marker.RemindersSet(mode), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (MqttLinkException)
        {
            return false;
        }
    }
}
