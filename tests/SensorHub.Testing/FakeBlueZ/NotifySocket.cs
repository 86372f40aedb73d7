using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Testing.FakeBlueZ;

/// <summary>
/// The socket of AcquireNotify, as bluetoothd makes it: a pair of SOCK_SEQPACKET, one packet a notification. A packet that
/// does not fit is lost, and counted.
/// </summary>
internal sealed partial class NotifySocket : IDisposable
{
    private const int AfUnix = 1, SockSeqpacket = 5, SockNonblock = 0x800, SockCloexec = 0x80000;
    private const int MsgDontwait = 0x40, MsgNosignal = 0x4000;
    private const int Eagain = 11;

    private readonly SafeFileHandle _ours;

    public NotifySocket()
    {
        Span<int> ends = stackalloc int[2];
        if (MakePair(AfUnix, SockSeqpacket | SockNonblock | SockCloexec, 0, ends) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        _ours = new SafeFileHandle(ends[0], ownsHandle: true);
        Theirs = new UnixFd(ends[1]);
    }

    /// <summary>The client's end: closed by the bus once it was sent.</summary>
    public UnixFd Theirs { get; }

    /// <summary>Packets for which there was no room.</summary>
    public long Lost { get; private set; }

    /// <summary>Whether the client has closed its end, which ends the notifications.</summary>
    public bool IsReleased
    {
        get
        {
            Span<byte> nothing = stackalloc byte[1];
            return Receive(_ours, nothing, 1, MsgDontwait) == 0;
        }
    }

    public void Send(ReadOnlySpan<byte> packet)
    {
        if (Send(_ours, packet, packet.Length, MsgDontwait | MsgNosignal) < 0 && Marshal.GetLastPInvokeError() == Eagain)
            Lost++;
    }

    public void Dispose()
    {
        _ours.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int MakePair(int domain, int type, int protocol, Span<int> ends);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeFileHandle socket, ReadOnlySpan<byte> bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(SafeFileHandle socket, Span<byte> bytes, nint length, int flags);
}
