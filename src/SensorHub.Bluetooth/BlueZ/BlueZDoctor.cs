namespace SensorHub.Bluetooth.BlueZ;

/// <param name="Name">As in hci0.</param>
public sealed record BlueZAdapter(string Name, bool Powered, bool Discovering);

/// <summary>Says what keeps Bluetooth from working on this computer.</summary>
public static class BlueZDoctor
{
    /// <summary>The adapters that BlueZ has.</summary>
    /// <exception cref="RadioException">What is wrong, in one line, with the command that mends it.</exception>
    public static async Task<IReadOnlyList<BlueZAdapter>> ExamineAsync(BlueZOptions options, CancellationToken cancellationToken = default)
    {
        var session = await BlueZSession.OpenAsync(options).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.LoadAsync(cancellationToken).ConfigureAwait(false);
            var chosen = AdapterOf(session.Objects, options);
            if (!session.Objects.Find<bool>(chosen, Names.Adapter, "Powered") && BlueZTrouble.BlockedBy(options) is { } blocked)
                throw new RadioException(blocked);
            return [.. session.Objects.All(Names.Adapter).Select(path => new BlueZAdapter(
                NameOf(path), session.Objects.Find<bool>(path, Names.Adapter, "Powered"), session.Objects.Find<bool>(path, Names.Adapter, "Discovering")))];
        }
    }

    /// <summary>The adapter that the options choose.</summary>
    /// <exception cref="RadioException">There is none.</exception>
    internal static string AdapterOf(ObjectTree objects, BlueZOptions options)
    {
        var adapters = objects.All(Names.Adapter);
        if (adapters.Count == 0)
            throw new RadioException(BlueZTrouble.BlockedBy(options) ?? BlueZTrouble.NoAdapter);
        if (options.Adapter is not { } name)
            return adapters.FirstOrDefault(path => objects.Find<bool>(path, Names.Adapter, "Powered")) ?? adapters[0];
        return adapters.FirstOrDefault(path => NameOf(path) == name)
            ?? throw new RadioException($"There is no Bluetooth adapter {name}: choose one of {string.Join(", ", adapters.Select(NameOf))}, or plug it in.");
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}
