using System.Collections.Concurrent;
using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Virtual.Radio;

/// <summary>
/// A link to a virtual sensor. At each connection event the sensor sends what waits, then takes the central's requests; its
/// answers go out with the next event. The host hands values over a little later, in order.
/// </summary>
internal sealed class VirtualConnection : IConnection
{
    private readonly VirtualPeer _peer;
    private readonly RadioOptions _options;
    private readonly TimeProvider _time;
    private readonly VirtualRadio _radio;
    private readonly ConcurrentQueue<Request> _requests = new();
    private readonly Queue<Request> _answered = new();
    private readonly Queue<(TimeSpan Due, Action Deliver)> _deliveries = new();
    private readonly ConcurrentDictionary<Guid, Action<ReadOnlyMemory<byte>>> _receivers = new();
    private readonly TaskCompletionSource<string> _lost = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _running;
    private readonly int _cuts;
    private readonly uint _boot;
    private TimeSpan _lastDue;

    public VirtualConnection(VirtualPeer peer, RadioOptions options, TimeProvider time, VirtualRadio radio)
    {
        (_peer, _options, _time, _radio) = (peer, options, time, radio);
        _cuts = peer.Cuts;
        _boot = peer.Sensor.Peripheral.BootId;
        peer.IsConnected = true;
        peer.Sensor.AdvanceTo(radio.Elapsed.TotalSeconds);
        peer.Sensor.Peripheral.Connect(options.Mtu);
        _running = RunAsync();
    }

    public int? Mtu => _options.Mtu;

    public Task<string> Lost => _lost.Task;

    public Task<ReadOnlyMemory<byte>> ReadAsync(Guid characteristic, CancellationToken cancellationToken) =>
        AskAsync(peripheral => (peripheral.Read(characteristic, out var value), value), "read", cancellationToken);

    /// <summary>The virtual link is encrypted from the beginning.</summary>
    public Task EncryptAsync(CancellationToken cancellationToken) =>
        _radio.Faults.RefusePairing(_peer.Sensor) is { } refusal ? throw new LinkException(refusal) : Task.CompletedTask;

    public Task WriteAsync(Guid characteristic, ReadOnlyMemory<byte> value, bool withResponse, CancellationToken cancellationToken) =>
        AskAsync(peripheral => (peripheral.Write(characteristic, value.Span), []), "write", cancellationToken);

    public Task SubscribeAsync(Guid characteristic, Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken)
    {
        _receivers[characteristic] = receive;
        return AskAsync(peripheral => (peripheral.Configure(characteristic, enable: true), []), "subscription", cancellationToken);
    }

    public async Task UnsubscribeAsync(Guid characteristic, CancellationToken cancellationToken)
    {
        await AskAsync(peripheral => (peripheral.Configure(characteristic, enable: false), []), "end of the subscription", cancellationToken);
        _receivers.TryRemove(characteristic, out _);
    }

    public async ValueTask DisposeAsync()
    {
        _closing.Cancel(); // CancelAsync would continue on the thread pool, away from virtual time
        await _running;
        _closing.Dispose();
    }

    private async Task<ReadOnlyMemory<byte>> AskAsync(Func<GattPeripheral, (AttError, byte[])> ask, string what, CancellationToken cancellationToken)
    {
        var request = new Request(ask, what);
        _requests.Enqueue(request);
        if (_lost.Task.IsCompleted)
            request.Fail(await _lost.Task);
        return await request.Answer.Task.WaitAsync(cancellationToken);
    }

    private async Task RunAsync()
    {
        var heard = _radio.Elapsed;
        var next = heard + _options.ConnectionInterval;
        var reason = "closed by the hub";
        try
        {
            while (true)
            {
                var wake = _deliveries.TryPeek(out var first) && first.Due < next ? first.Due : next;
                if (wake - _radio.Elapsed is var wait && wait > TimeSpan.Zero)
                    await _time.ExactlyAsync(wait, _closing.Token);
                _closing.Token.ThrowIfCancellationRequested();
                if (_peer.Cuts != _cuts)
                {
                    reason = "the adapter was switched off";
                    break;
                }
                if (_radio.Faults.Unavailable is not null)
                {
                    reason = "the Bluetooth service went away";
                    break;
                }
                while (_deliveries.TryPeek(out var delivery) && delivery.Due <= _radio.Elapsed)
                    _deliveries.Dequeue().Deliver();
                if (_radio.Elapsed < next)
                    continue;

                next += _options.ConnectionInterval;
                if (_peer.IsInRange(_radio.Elapsed) && _peer.Sensor.Peripheral.BootId == _boot) // a sensor that booted knows no link
                {
                    if (_options.MissedEvents > 0 && _peer.Random.NextDouble() < _options.MissedEvents)
                        continue;
                    heard = _radio.Elapsed;
                    Exchange();
                }
                else if (_radio.Elapsed - heard >= _options.SupervisionTimeout)
                {
                    reason = "nothing was heard for the supervision time-out";
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
        }
        End(reason);
    }

    /// <summary>One connection event.</summary>
    private void Exchange()
    {
        var sensor = _peer.Sensor;
        sensor.AdvanceTo(_radio.Elapsed.TotalSeconds);
        while (_answered.TryDequeue(out var request))
            Deliver(request.Complete);
        for (var packet = 0; packet < _options.PacketsPerEvent && sensor.Peripheral.TryTake(out var value); packet++)
            Receive(value);
        while (_requests.TryDequeue(out var request))
        {
            request.Handle(sensor.Peripheral);
            _answered.Enqueue(request);
        }
    }

    private void Receive(GattValue value)
    {
        if (value.IsIndication)
            _peer.Sensor.Peripheral.Confirm();
        else if (_options.NotificationLoss > 0 && _peer.Random.NextDouble() < _options.NotificationLoss)
        {
            _radio.Lose(_peer, value.Bytes);
            return;
        }
        if (_receivers.TryGetValue(value.Characteristic, out var receive))
            Deliver(() => receive(value.Bytes));
    }

    /// <summary>Hands over to the host, never before what was handed over before.</summary>
    private void Deliver(Action deliver)
    {
        var delay = TimeSpan.Zero;
        if (_options.HostDelay > TimeSpan.Zero)
            delay = _peer.Random.NextDouble() * _options.HostDelay;
        if (_options.LateDeliveries > 0 && _peer.Random.NextDouble() < _options.LateDeliveries)
            delay *= 20;
        var due = _radio.Elapsed + delay;
        _lastDue = due > _lastDue ? due : _lastDue;
        _deliveries.Enqueue((_lastDue, deliver));
    }

    private void End(string reason)
    {
        _peer.Sensor.AdvanceTo(_radio.Elapsed.TotalSeconds);
        _peer.Sensor.Peripheral.Disconnect();
        _peer.IsConnected = false;
        while (_deliveries.TryDequeue(out var delivery))
            delivery.Deliver();
        _lost.TrySetResult(reason);
        while (_answered.TryDequeue(out var request) || _requests.TryDequeue(out request))
            request.Fail(reason);
    }

    /// <summary>What the central asked for, until its answer is delivered.</summary>
    private sealed class Request(Func<GattPeripheral, (AttError Error, byte[] Value)> ask, string what)
    {
        private (AttError Error, byte[] Value) _outcome;

        public TaskCompletionSource<ReadOnlyMemory<byte>> Answer { get; } = new();

        public void Handle(GattPeripheral peripheral) => _outcome = ask(peripheral);

        public void Complete()
        {
            if (_outcome.Error == AttError.None)
                Answer.TrySetResult(_outcome.Value);
            else
                Answer.TrySetException(new LinkException($"The sensor refused the {what}: {_outcome.Error} (ATT error 0x{(byte)_outcome.Error:x2})."));
        }

        public void Fail(string reason) => Answer.TrySetException(new LinkException($"The link was lost: {reason}."));
    }
}
