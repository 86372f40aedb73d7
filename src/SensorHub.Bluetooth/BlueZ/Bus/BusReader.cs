namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>Reads the values of a message. On the bus's thread.</summary>
internal static unsafe class BusReader
{
    public static IReadOnlyList<object> ReadAll(nint message)
    {
        var values = new List<object>();
        while (Check(SystemdBus.PeekType(message, out var type, out var contents)) > 0)
            values.Add(Read(message, (char)type, contents));
        return values;
    }

    private static object Read(nint message, char type, nint contents)
    {
        switch (type)
        {
            case 'y':
                return ReadBasic<byte>(message, type);
            case 'b':
                return ReadBasic<int>(message, type) != 0;
            case 'n':
                return ReadBasic<short>(message, type);
            case 'q':
                return ReadBasic<ushort>(message, type);
            case 'i':
                return ReadBasic<int>(message, type);
            case 'u':
                return ReadBasic<uint>(message, type);
            case 'x':
                return ReadBasic<long>(message, type);
            case 't':
                return ReadBasic<ulong>(message, type);
            case 'd':
                return ReadBasic<double>(message, type);
            case 's':
                return BusMessage.TextOf(ReadBasic<nint>(message, type));
            case 'o':
                return new ObjectPath(BusMessage.TextOf(ReadBasic<nint>(message, type)));
            case 'g':
                return new TypeSignature(BusMessage.TextOf(ReadBasic<nint>(message, type)));
            case 'h':
                // The message closes its own.
                return UnixFd.Duplicate(ReadBasic<int>(message, type));
            case 'a' when BusMessage.TextOf(contents) == "y":
                void* bytes;
                nuint size;
                Check(SystemdBus.ReadArray(message, (byte)'y', &bytes, &size));
                return new ReadOnlySpan<byte>(bytes, (int)size).ToArray();
            case 'a' when BusMessage.TextOf(contents).StartsWith('{'):
                return ReadDictionary(message, contents);
            case 'v':
                var signature = BusMessage.TextOf(contents);
                return new Variant(signature, ReadContainer(message, type, contents)[0]);
            case 'r': // sd-bus calls a struct so
                return new BusStruct([.. ReadContainer(message, type, contents)]);
            default:
                return ReadContainer(message, type, contents);
        }
    }

    private static BusDictionary ReadDictionary(nint message, nint contents)
    {
        var dictionary = new BusDictionary();
        Check(SystemdBus.EnterContainer(message, (byte)'a', contents));
        while (Check(SystemdBus.PeekType(message, out var type, out var entry)) > 0)
        {
            var pair = ReadContainer(message, (char)type, entry);
            dictionary[pair[0]] = pair[1];
        }
        Check(SystemdBus.ExitContainer(message));
        return dictionary;
    }

    private static List<object> ReadContainer(nint message, char type, nint contents)
    {
        Check(SystemdBus.EnterContainer(message, (byte)type, contents));
        var values = (List<object>)ReadAll(message);
        Check(SystemdBus.ExitContainer(message));
        return values;
    }

    private static T ReadBasic<T>(nint message, char type) where T : unmanaged
    {
        T value = default;
        Check(SystemdBus.ReadBasic(message, (byte)type, &value));
        return value;
    }

    private static int Check(int result) => result >= 0
        ? result
        : throw new BusErrorException("org.freedesktop.DBus.Error.InvalidArgs", $"A message on the bus could not be read (errno {-result}).");
}
