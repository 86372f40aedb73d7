using System.Collections.Concurrent;
using System.Globalization;
using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Bluetooth.BlueZ;

/// <summary>
/// Answers BlueZ's questions while one of our sensors pairs. It is the agent of our connection alone, never the system's:
/// a keyboard that pairs at the same time is no business of the hub.
/// </summary>
internal sealed class PairingAgent(BlueZSession session, IPairingAgent? person)
{
    private const string Path = "/org/sensorhub/agent";
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _pairing = new();
    private IDisposable? _served;

    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        _served ??= session.Bus.Serve(Path, AnswerAsync);
        try
        {
            await session.CallAsync("/org/bluez", Names.AgentManager, "RegisterAgent",
                BusBody.Of("os", new ObjectPath(Path), person is null ? "NoInputNoOutput" : "DisplayYesNo"),
                TimeSpan.FromSeconds(10), cancellationToken).ConfigureAwait(false);
        }
        catch (BusErrorException)
        {
            // Registered already; or a BlueZ without agents, which pairs without asking as well.
        }
    }

    /// <summary>From now to disposal, questions about this sensor are answered.</summary>
    public IDisposable Begin(string device)
    {
        var ended = new CancellationTokenSource();
        _pairing[device] = ended;
        return new Pairing(this, device, ended);
    }

    private async Task<BusBody?> AnswerAsync(BusMessage call)
    {
        if (call.Interface != Names.Agent)
            return null;
        if (call.Member is "Release")
            return BusBody.Of("");
        if (call.Member is "Cancel")
        {
            foreach (var pairing in _pairing.Values)
                await pairing.CancelAsync().ConfigureAwait(false);
            return BusBody.Of("");
        }
        if (call.Values is not [ObjectPath device, ..] || !_pairing.TryGetValue(device.Path, out var ended))
            throw Rejected("This is not a sensor that the hub pairs.");
        switch (call.Member)
        {
            case "RequestAuthorization" or "AuthorizeService":
                return BusBody.Of("");
            case "DisplayPasskey" when person is not null:
                person.ShowPasskey(NameOf(device), Digits(call), ended.Token);
                return BusBody.Of("");
            case "RequestConfirmation" when person is not null:
                return await person.ConfirmAsync(NameOf(device), Digits(call), ended.Token).ConfigureAwait(false)
                    ? BusBody.Of("")
                    : throw Rejected("The numbers are not the same.");
            case "RequestConfirmation" or "RequestPinCode" or "DisplayPinCode" or "RequestPasskey" or "DisplayPasskey":
                throw Rejected("Nobody is there to look.");
            default:
                return null;
        }
    }

    private string NameOf(ObjectPath device) => session.Objects.Find<string>(device.Path, Names.Device, "Name") ?? "";

    private static string Digits(BusMessage call) => call.Value<uint>(1).ToString("D6", CultureInfo.InvariantCulture);

    private static BusErrorException Rejected(string why) => new("org.bluez.Error.Rejected", why);

    private sealed class Pairing(PairingAgent agent, string device, CancellationTokenSource ended) : IDisposable
    {
        public void Dispose()
        {
            agent._pairing.TryRemove(new KeyValuePair<string, CancellationTokenSource>(device, ended));
            ended.Cancel();
            ended.Dispose();
        }
    }
}
