using System.Net;

namespace SensorHub.Mqtt.Broker;

/// <summary>Counts connections: those that are signing in, and those that have.</summary>
internal sealed class ConnectionLimits(BrokerLimits limits)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Action> _signingIn = [];
    private readonly Dictionary<string, int> _byAccount = [];
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private int _signedIn;

    /// <summary>A connection begins. With one too many the oldest that has not signed in is closed: whoever has an account needs a moment, who has none stays.</summary>
    /// <param name="close">Closes this one.</param>
    /// <returns>To be disposed when it has signed in or gone.</returns>
    public IDisposable Begin(Action close)
    {
        LinkedListNode<Action> node;
        Action? oldest = null;
        lock (_gate)
        {
            node = _signingIn.AddLast(close);
            if (_signingIn.Count > limits.SigningIn)
            {
                oldest = _signingIn.First!.Value;
                _signingIn.RemoveFirst();
            }
        }
        oldest?.Invoke();
        return new Leaving(() =>
        {
            if (node.List is not null)
                _signingIn.Remove(node);
        }, _gate);
    }

    /// <summary>Null, with the reason, when there are too many.</summary>
    public IDisposable? SignIn(string account, IPAddress address, out string reason)
    {
        lock (_gate)
        {
            var (ofAccount, ofAddress) = (_byAccount.GetValueOrDefault(account), _byAddress.GetValueOrDefault(address));
            reason =
                _signedIn >= limits.Connections ? $"the broker has {_signedIn} clients, which is its limit" :
                ofAccount >= limits.ConnectionsPerAccount ? $"the account has {ofAccount} clients, which is its limit" :
                ofAddress >= limits.ConnectionsPerAddress ? $"the address has {ofAddress} clients, which is its limit" : "";
            if (reason.Length > 0)
                return null;
            _signedIn++;
            _byAccount[account] = ofAccount + 1;
            _byAddress[address] = ofAddress + 1;
        }
        return new Leaving(() =>
        {
            _signedIn--;
            Less(_byAccount, account);
            Less(_byAddress, address);
        }, _gate);
    }

    private static void Less<T>(Dictionary<T, int> counts, T key) where T : notnull
    {
        if (--counts[key] == 0)
            counts.Remove(key);
    }

    /// <summary>Once, under the lock.</summary>
    private sealed class Leaving(Action leave, Lock gate) : IDisposable
    {
        private Action? _leave = leave;

        public void Dispose()
        {
            lock (gate)
                Interlocked.Exchange(ref _leave, null)?.Invoke();
        }
    }
}
