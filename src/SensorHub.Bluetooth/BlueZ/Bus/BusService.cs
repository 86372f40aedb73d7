using System.Runtime.InteropServices;

namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>Objects that we serve: every method call to a path and below.</summary>
/// <param name="post">Runs something on the bus's thread; at once when called there; never when the bus is gone.</param>
internal sealed class BusService(string pathPrefix, Func<BusMessage, Task<BusBody?>> answer, Action<Action> post) : BusSlot
{
    private readonly HashSet<nint> _calls = [];
    private nint _bus;

    public override void End(Exception gone)
    {
        foreach (var call in _calls)
            SystemdBus.MessageUnref(call);
        _calls.Clear();
    }

    protected override unsafe int Register(nint bus, nint userdata, out nint slot)
    {
        _bus = bus;
        return SystemdBus.AddFallback(bus, out slot, pathPrefix, OnMessage, userdata);
    }

    protected override int Receive(nint message)
    {
        var call = SystemdBus.MessageRef(message);
        _calls.Add(call);
        _ = AnswerAsync(call, message);
        return 1;
    }

    private async Task AnswerAsync(nint call, nint message)
    {
        BusBody? body = null;
        BusErrorException? error = null;
#pragma warning disable CA1031 // whatever went wrong, the caller is to have an answer
        try
        {
            body = await answer(BusMessage.Read(message)).ConfigureAwait(false);
            error = body is null ? new BusErrorException(BusErrorException.UnknownMethod, "There is no such method.") : null;
        }
        catch (BusErrorException e)
        {
            error = e;
        }
        catch (Exception e)
        {
            error = new BusErrorException(BusErrorException.Failed, e.Message);
        }
#pragma warning restore CA1031
        post(() => Reply(call, body, error));
    }

    private void Reply(nint call, BusBody? body, BusErrorException? error)
    {
        if (_calls.Remove(call)) // else the bus went, and the call with it
            Send(call, body, error);
        foreach (var descriptor in body?.Values.OfType<UnixFd>() ?? [])
            descriptor.Dispose();
    }

    private void Send(nint call, BusBody? body, BusErrorException? error)
    {
        try
        {
            if (error is null)
                ReplyWith(call, body!.Value);
        }
        catch (BusErrorException e)
        {
            error = e;
        }
        if (error is not null)
            ReplyWith(call, error);
        SystemdBus.MessageUnref(call);
    }

    private unsafe void ReplyWith(nint call, BusBody body)
    {
        if (SystemdBus.NewMethodReturn(call, out var reply) < 0)
            return;
        try
        {
            BusWriter.WriteAll(reply, body.Signature, body.Values);
            _ = SystemdBus.Send(_bus, reply, null);
        }
        finally
        {
            SystemdBus.MessageUnref(reply);
        }
    }

    private unsafe void ReplyWith(nint call, BusErrorException error)
    {
        var native = new SystemdBus.Error
        {
            Name = Marshal.StringToCoTaskMemUTF8(error.Name), Message = Marshal.StringToCoTaskMemUTF8(error.Message),
        };
        if (SystemdBus.NewMethodError(call, out var reply, &native) >= 0)
        {
            _ = SystemdBus.Send(_bus, reply, null);
            SystemdBus.MessageUnref(reply);
        }
        Marshal.FreeCoTaskMem(native.Name);
        Marshal.FreeCoTaskMem(native.Message);
    }
}
