using System.Runtime.InteropServices;
using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Bluetooth.BlueZ.Peripheral;

/// <summary>
/// Our end of the socket that bluetoothd takes notifications and indications of one characteristic from
/// (<c>GattCharacteristic1.AcquireNotify</c>): one packet a value, past the message bus, and full when bluetoothd lags behind.
/// </summary>
internal sealed unsafe partial class NotifySocket : IDisposable
{
    private const int UnixFamily = 1; // AF_UNIX
    private const int SequentialPackets = 5 | 0x80000 | 0x800; // SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const short HungUp = 0x10; // POLLHUP

    private readonly UnixFd _ours;

    private NotifySocket(UnixFd ours, UnixFd theirs) => (_ours, Theirs) = (ours, theirs);

    /// <summary>For bluetoothd. Ours is told of its end only when no copy of it is left open here.</summary>
    public UnixFd Theirs { get; }

    /// <summary>Whether bluetoothd has closed its end: the value is no longer wanted.</summary>
    public bool IsHungUp
    {
        get
        {
            var descriptor = new Libc.PollDescriptor { Descriptor = (int)_ours.DangerousGetHandle() };
            return Libc.Poll(&descriptor, 1, 0) > 0 && (descriptor.Returned & HungUp) != 0;
        }
    }

    /// <exception cref="BusErrorException">The process has too many descriptors open.</exception>
    public static NotifySocket Open()
    {
        var pair = stackalloc int[2];
        return SocketPair(UnixFamily, SequentialPackets, 0, pair) == 0
            ? new NotifySocket(new UnixFd(pair[0]), new UnixFd(pair[1]))
            : throw new BusErrorException(BluezError.Failed, "There is no socket left.");
    }

    /// <returns>False when it is full: try again later.</returns>
    public bool TrySend(ReadOnlySpan<byte> value)
    {
        const int tryAgain = 11; // EAGAIN
        fixed (byte* bytes = value)
            return Send((int)_ours.DangerousGetHandle(), bytes, (nuint)value.Length, NoSignal) >= 0 || Marshal.GetLastPInvokeError() != tryAgain;
    }

    public void Dispose()
    {
        _ours.Dispose();
        Theirs.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPair(int domain, int type, int protocol, int* pair);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int socket, byte* value, nuint length, int flags);
}
