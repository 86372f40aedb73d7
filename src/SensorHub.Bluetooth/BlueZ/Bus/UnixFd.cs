using Microsoft.Win32.SafeHandles;

namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>A file descriptor of our own, closed when disposed.</summary>
internal sealed class UnixFd : SafeHandleMinusOneIsInvalid
{
    public UnixFd(int descriptor) : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>A second descriptor of what the first one refers to.</summary>
    /// <exception cref="IOException">The process has no descriptor left.</exception>
    public static UnixFd Duplicate(int descriptor) =>
        Libc.FileControl(descriptor, Libc.DuplicateCloseOnExec, 0) is var copy && copy >= 0
            ? new UnixFd(copy)
            : throw new IOException("A file descriptor could not be duplicated: the process has too many open.");

    /// <summary>Hands the descriptor to another owner; this one no longer closes it.</summary>
    public int Release()
    {
        var descriptor = (int)handle;
        SetHandleAsInvalid();
        return descriptor;
    }

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
