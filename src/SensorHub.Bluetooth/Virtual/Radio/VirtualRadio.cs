using System.Runtime.CompilerServices;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Virtual.Radio;

/// <summary>A central whose peripherals are virtual sensors in this process. What goes wrong on the air comes from the seed.</summary>
public sealed class VirtualRadio : ICentral
{
    private readonly List<VirtualPeer> _peers = [];
    private readonly List<LostNotification> _lost = [];
    private readonly RadioOptions _options;
    private readonly TimeProvider _time;
    private readonly int _seed;
    private readonly long _start;

    public VirtualRadio(RadioOptions options, int seed, TimeProvider time)
    {
        (_options, _time, _seed) = (options, time, seed);
        _start = time.GetTimestamp();
    }

    /// <summary>Since the radio was made, which is when the simulation begins.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>What is broken, for tests of the other end.</summary>
    public RadioFaults Faults { get; } = new();

    /// <summary>How often the adapter was switched off and on.</summary>
    public int PowerCycles { get; private set; }

    /// <summary>Every notification that the radio lost, in the order of time: what gaps are held against.</summary>
    public IReadOnlyList<LostNotification> Lost => _lost;

    /// <summary>Every sensor goes out of range, beside what the options say.</summary>
    /// <param name="outage">Counted from now.</param>
    public void GoOutOfRange(Outage outage)
    {
        foreach (var peer in _peers)
            peer.Outages.Add(outage with { Start = Elapsed + outage.Start });
    }

    /// <summary>Brings a sensor into range.</summary>
    /// <returns>Its address.</returns>
    public string Add(VirtualSensor sensor)
    {
        var address = FormattableString.Invariant($"virtual-{_peers.Count + 1}");
        _peers.Add(new VirtualPeer(address, sensor, _options, Noise.Fork(_seed, address)));
        return address;
    }

    public async IAsyncEnumerable<Advertisement> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            ThrowIfUnavailable();
            await _time.ExactlyAsync(_options.AdvertisingInterval, cancellationToken);
            ThrowIfUnavailable();
            foreach (var peer in _peers)
                if (!peer.IsConnected && peer.IsInRange(Elapsed))
                    yield return new Advertisement(peer.Address, peer.Sensor.Name, peer.NextRssi());
        }
    }

    public async Task<IConnection> ConnectAsync(string address, CancellationToken cancellationToken)
    {
        var peer = _peers.Find(p => p.Address == address);
        var deadline = Elapsed + _options.ConnectTimeout;
        do
        {
            ThrowIfUnavailable();
            await _time.ExactlyAsync(_options.AdvertisingInterval, cancellationToken);
            if (peer is null || peer.IsConnected || !peer.IsInRange(Elapsed))
                continue;

            // Finding the services takes some ten round trips.
            await _time.ExactlyAsync(20 * _options.ConnectionInterval, cancellationToken);
            if (Faults.RefuseConnection(peer.Sensor) is { } refusal)
                throw new LinkException(refusal);
            if (!peer.IsConnected && peer.IsInRange(Elapsed))
                return new VirtualConnection(peer, _options, _time, this);
        }
        while (Elapsed < deadline);
        throw new LinkException($"The sensor did not answer within {_options.ConnectTimeout.TotalSeconds:0} s. Is it switched on, charged and near, and not connected to another hub?");
    }

    /// <summary>There are no bonds to forget.</summary>
    public Task ForgetAsync(string address, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task PowerCycleAsync(CancellationToken cancellationToken)
    {
        ThrowIfUnavailable();
        PowerCycles++;
        foreach (var peer in _peers)
            peer.Cuts++;
        await _time.ExactlyAsync(_options.PowerCycle, cancellationToken);
    }

    private void ThrowIfUnavailable()
    {
        if (Faults.Unavailable is { } why)
            throw new RadioException(why);
    }

    internal void Lose(VirtualPeer peer, ReadOnlyMemory<byte> frame) => _lost.Add(new LostNotification(Elapsed, peer.Sensor, frame));
}

/// <param name="At">Since the radio was made.</param>
/// <param name="Frame">The bytes that never arrived.</param>
public sealed record LostNotification(TimeSpan At, VirtualSensor Sensor, ReadOnlyMemory<byte> Frame);
