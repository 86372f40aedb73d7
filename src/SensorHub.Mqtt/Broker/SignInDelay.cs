using System.Net;

namespace SensorHub.Mqtt.Broker;

/// <summary>
/// Makes guessing passwords slow. A wrong one is answered late. From another machine each is answered later than the one before, and none is looked at meanwhile; on
/// this machine a right one is taken at once, whatever others there try: the hub's own parts come from the same address.
/// </summary>
internal sealed class SignInDelay(TimeProvider time)
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(8);

    /// <summary>An address that guessed nothing for so long begins anew.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    private const int MostGuessers = 10_000;

    private readonly Dictionary<IPAddress, Guesser> _guessers = [];

    /// <summary>What <paramref name="isRight"/> says, when it is time to say so.</summary>
    public async Task<bool> CheckAsync(IPAddress address, Func<bool> isRight, CancellationToken cancellationToken)
    {
        if (IPAddress.IsLoopback(address))
        {
            if (isRight())
                return true;
            await Task.Delay(First, time, cancellationToken).ConfigureAwait(false);
            return false;
        }
        var guesser = Of(address);
        await guesser.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (isRight())
        {
            guesser.Turn.Release();
            return true;
        }
        await HoldAsync(guesser).WaitAsync(cancellationToken).ConfigureAwait(false);
        return false;
    }

    /// <summary>The turn is held for its time even when the guesser hangs up.</summary>
    private async Task HoldAsync(Guesser guesser)
    {
        await Task.Delay(guesser.Next(time.GetTimestamp()), time, CancellationToken.None).ConfigureAwait(false);
        guesser.Turn.Release();
    }

    private Guesser Of(IPAddress address)
    {
        var key = Network(address);
        lock (_guessers)
        {
            if (_guessers.TryGetValue(key, out var known) && !IsOld(known))
                return known;
            if (_guessers.Count >= MostGuessers)
                foreach (var (old, _) in _guessers.Where(g => IsOld(g.Value)).ToList())
                    _guessers.Remove(old);
            if (_guessers.Count >= MostGuessers)
                _guessers.Clear();
            return _guessers[key] = new Guesser { Last = time.GetTimestamp() };
        }

        bool IsOld(Guesser guesser) => guesser.Turn.CurrentCount == 1 && time.GetElapsedTime(guesser.Last) > Memory;
    }

    /// <summary>Of an IPv6 address the 64 bits that one subscriber has, all of whose addresses are one guesser.</summary>
    private static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        if (bytes.Length == 16)
            bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private sealed class Guesser
    {
        private readonly Lock _gate = new();
        private int _wrong;

        public SemaphoreSlim Turn { get; } = new(1);

        public long Last { get; set; }

        public TimeSpan Next(long now)
        {
            lock (_gate)
            {
                Last = now;
                var delay = First * Math.Pow(2, Math.Min(_wrong++, 10));
                return delay < Longest ? delay : Longest;
            }
        }
    }
}
