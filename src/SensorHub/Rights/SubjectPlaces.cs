using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Rights.Erasing;
using SensorHub.Rights.Exporting;
using SensorHub.Rights.Places;
using SensorHub.Sensors;
using SensorHub.Storage.Influx;

namespace SensorHub.Rights;

/// <summary>Everywhere that a hub with these settings keeps something of a person. README.md has the table; a new place is a class and a line here.</summary>
internal sealed class SubjectPlaces : IDisposable
{
    private readonly List<ISubjectPlace> _all = [];

    /// <param name="options">Of the hub.</param>
    /// <param name="allHubs">In databases and at brokers: what any hub wrote under the pseudonym, not this one alone.</param>
    public SubjectPlaces(HubOptions options, bool allHubs, TimeProvider time)
    {
        var folder = DataFolder.Open(options.Data);
        Data = folder.Path;
        var hub = Slug.Parse(options.Hub);
        allHubs |= options.RoleOf == HubRole.Clinic;
        Recordings = new RecordingsPlace(folder.Recordings, Path.Combine(Data, ErasureNote.FolderName, "recordings"));
        People = new PeoplePlace(folder.People);
        // What could be sent again goes before the places that it would be sent to.
        Add(new OutboxPlace(folder.Outbox), new OutboxPlace(folder.UpstreamOutbox), new QuarantinePlace(folder.Quarantine), new RetainedPlace(folder.Retained, time));
        if (options.Mqtt.ToConnection() is { } broker)
            Add(new BrokerPlace(broker, hub, allHubs, time));
        if (options.Upstream.ToConnection() is { } upstream)
            Add(new BrokerPlace(upstream, hub, allHubs, time));
        if (options.Influx.ToStorage() is { } influx)
        {
            Add(new InfluxPlace(influx, allHubs ? default : hub, time));
            Limits = [.. Limits, $"InfluxDB was asked what it still answers. Its own files may hold deleted names until they are compacted or made anew: docs/rights.md, \"InfluxDB's files\"."];
        }
        Add(new StorePlace(folder.Store), new CalibrationsPlace(folder.Calibrations, Recordings));
        Add(new SensorsPlace(Path.Combine(Data, KnownSensors.FileName)), new SensorsPlace(Path.Combine(Data, KnownSensors.SimulatedFileName)));
        Add(new StudiesPlace(folder.Studies));
        Add(People, new ExportsPlace(new ExportIndex(Data)), Recordings, new FilesPlace(Data, Path.Combine(Data, ErasureNote.FolderName)));
    }

    /// <summary>The data folder.</summary>
    public string Data { get; }

    /// <summary>In the order in which they are erased.</summary>
    public IReadOnlyList<ISubjectPlace> All => _all;

    public RecordingsPlace Recordings { get; }

    public PeoplePlace People { get; }

    /// <summary>What a scan of these places cannot see.</summary>
    public IReadOnlyList<string> Limits { get; } =
    [
        "Copies that were made by hand, backups, and exports that were moved are not known.",
        "What a disk or a file system keeps of freed blocks is beyond the program: encrypt the disk.",
    ];

    public void Dispose()
    {
        foreach (var place in _all.OfType<IDisposable>())
            place.Dispose();
    }

    private void Add(params ReadOnlySpan<ISubjectPlace> places) => _all.AddRange(places);
}
