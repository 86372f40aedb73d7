namespace SensorHub.Bluetooth.Portable;

/// <summary>Turns what a library throws into what a person can read.</summary>
internal static class PortableGuard
{
    public static async Task<T> GuardAsync<T>(this IPortableLibrary library, string failed, Func<Task<T>> operation)
    {
        try
        {
            return await operation();
        }
        catch (Exception e) when (e is not (LinkException or OperationCanceledException))
        {
            throw library.Explain(e).ToException(failed, e);
        }
    }

    public static Task GuardAsync(this IPortableLibrary library, string failed, Func<Task> operation) =>
        library.GuardAsync(failed, async () =>
        {
            await operation();
            return true;
        });

    public static LinkException ToException(this PortableFault fault, string failed, Exception inner) =>
        fault.Reach == FaultReach.Radio
            ? new RadioException($"{fault.Message}.", inner)
            : new LinkException($"{failed}: {fault.Message}.", inner);
}
