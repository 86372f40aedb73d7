using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>Something that waits for messages: sd-bus's slot, and what it calls back. All but <see cref="End"/>'s consequences on the bus's thread.</summary>
internal abstract unsafe class BusSlot
{
    private GCHandle _self;
    private nint _slot;

    public bool IsOpen => _self.IsAllocated;

    /// <summary>Makes the slot.</summary>
    /// <exception cref="BusErrorException">sd-bus refused.</exception>
    public void Open(nint bus)
    {
        _self = GCHandle.Alloc(this);
        var result = Register(bus, GCHandle.ToIntPtr(_self), out _slot);
        if (result >= 0)
            return;
        _self.Free();
        throw new BusErrorException(BusErrorException.Failed, $"The bus did not take a {GetType().Name} (errno {-result}).");
    }

    /// <summary>Nothing is called back any more.</summary>
    public void Close()
    {
        if (!IsOpen)
            return;
        SystemdBus.SlotUnref(_slot);
        _self.Free();
    }

    /// <summary>The bus is gone: who waits is told.</summary>
    public abstract void End(Exception gone);

    /// <param name="userdata">Goes with <see cref="OnMessage"/>.</param>
    protected abstract int Register(nint bus, nint userdata, out nint slot);

    protected abstract int Receive(nint message);

    /// <summary>The answer to the request for a match.</summary>
    protected virtual void Installed(nint message)
    {
    }

    protected static delegate* unmanaged[Cdecl]<nint, nint, nint, int> OnMessage => &ReceiveAny;

    protected static delegate* unmanaged[Cdecl]<nint, nint, nint, int> OnInstalled => &InstalledAny;

    /// <summary>The error in an answer; null when it is none.</summary>
    protected static BusErrorException? ErrorOf(nint message)
    {
        var error = SystemdBus.GetError(message);
        return error == null ? null : new BusErrorException(BusMessage.TextOf(error->Name), BusMessage.TextOf(error->Message));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ReceiveAny(nint message, nint userdata, nint error)
    {
#pragma warning disable CA1031 // an exception that leaves a native callback ends the process
        try
        {
            return ((BusSlot)GCHandle.FromIntPtr(userdata).Target!).Receive(message);
        }
        catch (Exception)
        {
            return 0; // each slot has told whom it concerns
        }
#pragma warning restore CA1031
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int InstalledAny(nint message, nint userdata, nint error)
    {
#pragma warning disable CA1031 // as above
        try
        {
            ((BusSlot)GCHandle.FromIntPtr(userdata).Target!).Installed(message);
        }
        catch (Exception)
        {
        }
#pragma warning restore CA1031
        return 0;
    }
}
