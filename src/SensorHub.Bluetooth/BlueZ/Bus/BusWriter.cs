using System.Collections;
using System.Runtime.InteropServices;

namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>Appends values to a message. On the bus's thread.</summary>
internal static unsafe class BusWriter
{
    public static void WriteAll(nint message, string signature, IReadOnlyList<object> values)
    {
        var types = BusSignature.Split(signature);
        for (var i = 0; i < types.Count; i++)
            Write(message, types[i], values[i]);
    }

    private static void Write(nint message, string type, object value)
    {
        switch (value)
        {
            case byte number:
                WriteBasic(message, 'y', number);
                break;
            case bool flag:
                WriteBasic(message, 'b', flag ? 1 : 0);
                break;
            case short number:
                WriteBasic(message, 'n', number);
                break;
            case ushort number:
                WriteBasic(message, 'q', number);
                break;
            case int number:
                WriteBasic(message, 'i', number);
                break;
            case uint number:
                WriteBasic(message, 'u', number);
                break;
            case long number:
                WriteBasic(message, 'x', number);
                break;
            case ulong number:
                WriteBasic(message, 't', number);
                break;
            case double number:
                WriteBasic(message, 'd', number);
                break;
            case string text:
                WriteText(message, 's', text);
                break;
            case ObjectPath path:
                WriteText(message, 'o', path.Path);
                break;
            case TypeSignature signature:
                WriteText(message, 'g', signature.Text);
                break;
            case SafeHandle descriptor:
                WriteDescriptor(message, descriptor);
                break;
            case Variant variant:
                Check(SystemdBus.OpenContainer(message, (byte)'v', variant.Signature));
                Write(message, variant.Signature, variant.Value);
                Check(SystemdBus.CloseContainer(message));
                break;
            case BusStruct members:
                Check(SystemdBus.OpenContainer(message, (byte)'r', type[1..^1]));
                WriteAll(message, type[1..^1], members.Members);
                Check(SystemdBus.CloseContainer(message));
                break;
            case byte[] bytes:
                fixed (byte* first = bytes)
                    Check(SystemdBus.AppendArray(message, (byte)'y', first, (nuint)bytes.Length));
                break;
            case IDictionary dictionary:
                WriteDictionary(message, type, dictionary);
                break;
            case IEnumerable items:
                Check(SystemdBus.OpenContainer(message, (byte)'a', type[1..]));
                foreach (var item in items)
                    Write(message, type[1..], item);
                Check(SystemdBus.CloseContainer(message));
                break;
        }
    }

    private static void WriteDictionary(nint message, string type, IDictionary dictionary)
    {
        Check(SystemdBus.OpenContainer(message, (byte)'a', type[1..]));
        foreach (DictionaryEntry entry in dictionary)
        {
            Check(SystemdBus.OpenContainer(message, (byte)'e', type[2..^1]));
            Write(message, type[2..3], entry.Key);
            Write(message, type[3..^1], entry.Value!);
            Check(SystemdBus.CloseContainer(message));
        }
        Check(SystemdBus.CloseContainer(message));
    }

    private static void WriteBasic<T>(nint message, char type, T value) where T : unmanaged =>
        Check(SystemdBus.AppendBasic(message, (byte)type, &value));

    private static void WriteText(nint message, char type, string text)
    {
        var bytes = Marshal.StringToCoTaskMemUTF8(text);
        try
        {
            Check(SystemdBus.AppendBasic(message, (byte)type, (void*)bytes));
        }
        finally
        {
            Marshal.FreeCoTaskMem(bytes);
        }
    }

    private static void WriteDescriptor(nint message, SafeHandle descriptor)
    {
        var added = false;
        try
        {
            descriptor.DangerousAddRef(ref added);
            WriteBasic(message, 'h', (int)descriptor.DangerousGetHandle()); // the message takes a duplicate
        }
        catch (ObjectDisposedException)
        {
            throw new BusErrorException(BusErrorException.Failed, "A file descriptor could not be put on the bus: it is closed already.");
        }
        finally
        {
            if (added)
                descriptor.DangerousRelease();
        }
    }

    private static void Check(int result)
    {
        if (result < 0)
            throw new BusErrorException(BusErrorException.Failed, $"A value could not be put on the bus (errno {-result}).");
    }
}
