using System.Runtime.InteropServices;

namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>
/// The functions of libsystemd's sd-bus that we use, none of them variadic. Below zero they return an errno. Nothing of a
/// bus, its messages and its slots may be touched by two threads.
/// </summary>
internal static unsafe partial class SystemdBus
{
    private const string Library = "libsystemd.so.0";

    [LibraryImport(Library, EntryPoint = "sd_bus_new")]
    public static partial int New(out nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_set_address", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetAddress(nint bus, string address);

    [LibraryImport(Library, EntryPoint = "sd_bus_set_bus_client")]
    public static partial int SetBusClient(nint bus, int isClient);

    [LibraryImport(Library, EntryPoint = "sd_bus_start")]
    public static partial int Start(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_is_ready")]
    public static partial int IsReady(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_unique_name")]
    public static partial int GetUniqueName(nint bus, out nint name);

    [LibraryImport(Library, EntryPoint = "sd_bus_close_unref")]
    public static partial nint CloseUnref(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_fd")]
    public static partial int GetDescriptor(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_events")]
    public static partial int GetEvents(nint bus);

    /// <param name="microseconds">Of the monotonic clock.</param>
    [LibraryImport(Library, EntryPoint = "sd_bus_get_timeout")]
    public static partial int GetTimeout(nint bus, out ulong microseconds);

    [LibraryImport(Library, EntryPoint = "sd_bus_process")]
    public static partial int Process(nint bus, nint* message);

    [LibraryImport(Library, EntryPoint = "sd_bus_send")]
    public static partial int Send(nint bus, nint message, ulong* cookie);

    /// <param name="microseconds">From now; 0 = 25 s.</param>
    [LibraryImport(Library, EntryPoint = "sd_bus_call_async")]
    public static partial int CallAsync(
        nint bus, out nint slot, nint message, delegate* unmanaged[Cdecl]<nint, nint, nint, int> callback, nint userdata, ulong microseconds);

    [LibraryImport(Library, EntryPoint = "sd_bus_add_match_async", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddMatchAsync(
        nint bus, out nint slot, string rule, delegate* unmanaged[Cdecl]<nint, nint, nint, int> callback,
        delegate* unmanaged[Cdecl]<nint, nint, nint, int> installed, nint userdata);

    [LibraryImport(Library, EntryPoint = "sd_bus_add_fallback", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddFallback(
        nint bus, out nint slot, string prefix, delegate* unmanaged[Cdecl]<nint, nint, nint, int> callback, nint userdata);

    [LibraryImport(Library, EntryPoint = "sd_bus_slot_unref")]
    public static partial nint SlotUnref(nint slot);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_new_signal", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int NewSignal(nint bus, out nint message, string path, string @interface, string member);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_new_method_call", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int NewMethodCall(nint bus, out nint message, string destination, string path, string @interface, string member);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_new_method_return")]
    public static partial int NewMethodReturn(nint call, out nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_new_method_error")]
    public static partial int NewMethodError(nint call, out nint message, Error* error);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_ref")]
    public static partial nint MessageRef(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_unref")]
    public static partial nint MessageUnref(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_path")]
    public static partial nint GetPath(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_interface")]
    public static partial nint GetInterface(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_member")]
    public static partial nint GetMember(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_sender")]
    public static partial nint GetSender(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_signature")]
    public static partial nint GetSignature(nint message, int complete);

    /// <summary>Null for a message that is no error.</summary>
    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_error")]
    public static partial Error* GetError(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_append_basic")]
    public static partial int AppendBasic(nint message, byte type, void* value);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_append_array")]
    public static partial int AppendArray(nint message, byte type, void* values, nuint size);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_open_container", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenContainer(nint message, byte type, string contents);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_close_container")]
    public static partial int CloseContainer(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_read_basic")]
    public static partial int ReadBasic(nint message, byte type, void* value);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_read_array")]
    public static partial int ReadArray(nint message, byte type, void** values, nuint* size);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_enter_container")]
    public static partial int EnterContainer(nint message, byte type, nint contents);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_exit_container")]
    public static partial int ExitContainer(nint message);

    /// <returns>0 at the end of the container.</returns>
    [LibraryImport(Library, EntryPoint = "sd_bus_message_peek_type")]
    public static partial int PeekType(nint message, out byte type, out nint contents);

    /// <summary>The name and the text of an error (<c>sd_bus_error</c>).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Error
    {
        public nint Name;
        public nint Message;
        public int NeedsFree;
    }
}
