using System.Runtime.InteropServices;

namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>What the bus needs of the C library: waiting for a descriptor, and waking who waits.</summary>
internal static unsafe partial class Libc
{
    public const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC
    public const int EventCloseOnExecNonBlocking = 0x80000 | 0x800; // EFD_CLOEXEC | EFD_NONBLOCK
    public const short PollIn = 1;

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport(Library, EntryPoint = "read")]
    public static partial nint Read(int descriptor, void* buffer, nuint count);

    [LibraryImport(Library, EntryPoint = "write")]
    public static partial nint Write(int descriptor, void* buffer, nuint count);

    /// <summary>Variadic in C; on Linux an integer is passed in the same way.</summary>
    [LibraryImport(Library, EntryPoint = "fcntl")]
    public static partial int FileControl(int descriptor, int command, nint argument);

    [LibraryImport(Library, EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
