using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Export.Recordings;
using SensorHub.Export.Studies;
using SensorHub.Pipelines;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Export.Bids;

/// <summary>
/// Recordings as Motion-BIDS (bids-specification.readthedocs.io, "Motion"; Jeung et al. 2024, doi 10.1038/s41597-024-03559-8): one tracking system a
/// device, samples at their own times, everything that happened as events.
/// </summary>
public sealed class BidsExport(ExportFolder folder, BidsOptions dataset, FeatureOptions? options = null) : IExport
{
    public const string Format = "bids";

    private static readonly string[] EventColumns = ["onset", "duration", "trial_type", "value", "muscle", "side", "sensor", "stream"];
    private readonly FeatureOptions _options = options ?? new FeatureOptions();

    public Task<bool> AddAsync(StudyEntry entry, Action<RecordingDamage> damaged, Action<ExportProgress> progress, CancellationToken cancellationToken) =>
        Task.Run(() => Add(entry, damaged, progress, cancellationToken), cancellationToken);

    /// <summary>Writes what is of the dataset as a whole, from all recordings that are in it.</summary>
    public Task CompleteAsync(CancellationToken cancellationToken)
    {
        BidsDataset.Write(folder, dataset);
        return Task.CompletedTask;
    }

    private bool Add(StudyEntry entry, Action<RecordingDamage> damaged, Action<ExportProgress> progress, CancellationToken cancellationToken)
    {
        var reader = SessionReader.Open(entry.Recording, _options, damaged, entry.Window, cancellationToken);
        var provenance = Provenance.Of(reader, entry, _options);
        if (folder.Begin(entry.Name, $"{provenance.Key} {dataset.Manufacturer} {dataset.Institution}") is not { } unit)
            return false;

        var outline = reader.Outline;
        var place = $"sub-{entry.Participant}/{(entry.Session is null ? "" : $"ses-{entry.Session}/")}motion/";
        var stem = $"sub-{entry.Participant}{(entry.Session is null ? "" : $"_ses-{entry.Session}")}_task-{entry.TaskLabel}";
        var run = entry.Run is { } number ? string.Create(CultureInfo.InvariantCulture, $"_run-{number}") : "";
        var systems = outline.Devices.Select(device =>
        {
            var name = $"{place}{stem}_tracksys-{LabelOf(device, outline.Devices)}{run}";
            var stream = unit.Create(name + "_motion.tsv");
            return new TrackingSystem(device, name, stream, new MotionRows(device, stream));
        }).ToArray();
        var events = new SessionEvents();
        var clocks = new Dictionary<Slug, SensorHealth>();
        try
        {
            foreach (var item in reader.Read(cancellationToken))
            {
                events.Add(item);
                if (item is SessionItem.Samples samples)
                {
                    systems.First(s => s.Device.Sensor == samples.Stream.Sensor).Rows.Add(samples);
                    progress(new ExportProgress(entry, samples.Time(0) - outline.Start, outline.End - outline.Start));
                }
                else if (item is SessionItem.Estimated { Feature: SensorHealth { ClockUncertainty: not null } health })
                {
                    clocks[health.Sensor] = health;
                }
            }
            foreach (var system in systems)
                system.Rows.Complete();
        }
        finally
        {
            foreach (var system in systems)
                system.Output.Dispose();
        }

        var scans = new StringBuilder();
        foreach (var system in systems.Where(s => s.Rows.Rows > 0))
        {
            unit.Write(system.Name + "_motion.json", Sidecar(system, entry));
            unit.Write(system.Name + "_channels.tsv", Channels(system));
            unit.Write(system.Name + "_channels.json", BidsText.ChannelsSidecar(system.Device));
            unit.Write(system.Name + "_events.tsv", Events(system, events));
            unit.Write(system.Name + "_events.json", BidsText.EventsSidecar());
            var gaps = events.Gaps.Where(g => g.Sensor == system.Device.Sensor && g.State != GapState.Recovered).ToArray();
            var clock = clocks.GetValueOrDefault(system.Device.Sensor);
            scans.Append(string.Join('\t',
                system.Name[(place.Length - "motion/".Length)..] + "_motion.tsv", AcquisitionTime(system.Rows.First!.Value),
                Number((system.Rows.Last - system.Rows.First.Value) * 1e-9, "0.000000"), gaps.Length.ToString(CultureInfo.InvariantCulture),
                gaps.Any(g => g.SamplesLost is null) ? "n/a" : gaps.Sum(g => g.SamplesLost!.Value).ToString(CultureInfo.InvariantCulture),
                Number(clock?.ClockUncertainty?.TotalMilliseconds, "0.###"), Number(clock?.ClockDriftPpm, "0.###"),
                provenance.Algorithm, provenance.OptionsSha256, outline.Sha256, entry.Protocol ?? "n/a")).Append('\n');
        }
        foreach (var empty in systems.Where(s => s.Rows.Rows == 0))
            unit.Leave(empty.Name + "_motion.tsv");
        unit.Complete(new Dictionary<string, string>
        {
            ["participant"] = entry.Participant,
            ["session"] = entry.Session ?? "",
            ["attributes"] = new JsonObject(entry.Attributes.Select(a => KeyValuePair.Create<string, JsonNode?>(a.Key, a.Value))).ToJsonString(),
            ["scans"] = scans.ToString(),
            ["end"] = outline.End.ToString(),
        });
        return true;
    }

    /// <summary><c>clip</c>, or <c>clip1</c>, <c>clip2</c> when there are several.</summary>
    private static string LabelOf(Device device, IReadOnlyList<Device> devices)
    {
        var kind = EnumNames.Of(device.Descriptor.Kind);
        Device[] alike = [.. devices.Where(d => d.Descriptor.Kind == device.Descriptor.Kind)];
        return alike.Length == 1 ? kind : string.Create(CultureInfo.InvariantCulture, $"{kind}{Array.IndexOf(alike, device) + 1}");
    }

    private string Sidecar(TrackingSystem system, StudyEntry entry)
    {
        RawChannel[] channels = [.. system.Device.Streams.SelectMany(MotionChannels.Of)];
        var descriptor = system.Device.Descriptor;
        var json = new JsonObject
        {
            ["TaskName"] = entry.Task,
            ["TrackingSystemName"] = descriptor.Kind == SensorKind.Clip ? "Lumbar clip" : "Sensor roller",
            ["SamplingFrequency"] = NominalRate(system),
            ["SamplingFrequencyEffective"] = Math.Round(system.Rows.EffectiveRate, 6),
            ["RecordingDuration"] = Math.Round((system.Rows.Last - system.Rows.First!.Value) * 1e-9, 6),
            ["MissingValues"] = "n/a",
            ["MotionChannelCount"] = channels.Length + 1,
        };
        foreach (var type in new[] { "ACCEL", "GYRO", "MISC" })
            json[$"{type}ChannelCount"] = channels.Count(c => MotionChannels.Type(c) == type);
        json["LATENCYChannelCount"] = 1;
        json["TrackedPointsCount"] = system.Device.Streams.Select(MotionChannels.TrackedPoint).Distinct().Count();
        json["Manufacturer"] = dataset.Manufacturer ?? "n/a";
        json["ManufacturersModelName"] = string.Create(CultureInfo.InvariantCulture, $"{EnumNames.Of(descriptor.Kind)}, SensorHub sensor profile {descriptor.ProtocolMajor}.{descriptor.ProtocolMinor}");
        json["DeviceSerialNumber"] = descriptor.Serial;
        json["SoftwareVersions"] = string.Join(", ", system.Device.Firmwares);
        if (dataset.Institution is not null)
            json["InstitutionName"] = dataset.Institution;
        return Json.Text(json);
    }

    /// <summary>Of the fastest stream, Hz.</summary>
    private static double NominalRate(TrackingSystem system) => Math.Round(system.Device.Streams.Max(system.Rows.NominalRate), 6);

    private static string Channels(TrackingSystem system)
    {
        var text = new StringBuilder("name\tcomponent\ttype\ttracked_point\tunits\tplacement\treference_frame\tsampling_frequency\tdescription\n");
        text.Append(CultureInfo.InvariantCulture, $"latency\tn/a\tLATENCY\tn/a\ts\tn/a\tn/a\t{Number(NominalRate(system), "0.######")}\tTime since the first row\n");
        foreach (var stream in system.Device.Streams)
            foreach (var channel in MotionChannels.Of(stream))
                text.AppendJoin('\t',
                    NameOf(stream, channel, system.Device), MotionChannels.Component(channel), MotionChannels.Type(channel), MotionChannels.TrackedPoint(stream), MotionChannels.Unit(channel),
                    MotionChannels.Placement(stream), stream.Element is null ? "n/a" : stream.Place,
                    system.Rows.NominalRate(stream) is > 0 and var rate ? Number(rate, "0.######") : "n/a", channel.Description.TrimEnd('.')).Append('\n');
        return text.ToString();
    }

    /// <summary><c>lower_acc_x</c>. A stream that changed its channels in between has a number behind it.</summary>
    private static string NameOf(RawStream stream, RawChannel channel, Device device)
    {
        var name = channel.Quantity switch
        {
            Quantity.Acceleration => $"{stream.Place}_acc_{"xyz"[channel.Axis]}",
            Quantity.AngularRate => $"{stream.Place}_gyro_{"xyz"[channel.Axis]}",
            Quantity.LoadCounts => string.Create(CultureInfo.InvariantCulture, $"{stream.Place}_force_{channel.Axis + 1}"),
            _ => $"{stream.Place}_{channel.Name[..channel.Name.LastIndexOf('_')]}",
        };
        var earlier = device.Streams.TakeWhile(s => !ReferenceEquals(s, stream)).Count(s => s.Place == stream.Place);
        return earlier == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}_{earlier + 1}");
    }

    /// <summary>Those of the session, and of the sensors that are not this one only what the person did.</summary>
    private static string Events(TrackingSystem system, SessionEvents events)
    {
        var text = new StringBuilder(string.Join('\t', EventColumns)).Append('\n');
        foreach (var e in events.All)
        {
            if (e.Kind == "gap" && e.Sensor != system.Device.Sensor)
                continue;
            text.AppendJoin('\t',
                Number((e.At.UnixNanoseconds - system.Rows.First!.Value) * 1e-9, "0.000000"), Number(e.Seconds, "0.000000"), e.Kind, e.Value ?? "n/a",
                e.Muscle == Muscle.None ? "n/a" : EnumNames.Of(e.Muscle), e.Side == Side.None ? "n/a" : EnumNames.Of(e.Side),
                e.Sensor.IsNone ? "n/a" : e.Sensor.ToString(), e.Stream?.ToString(CultureInfo.InvariantCulture) ?? "n/a").Append('\n');
        }
        return text.ToString();
    }

    /// <summary>UTC, to the microsecond.</summary>
    private static string AcquisitionTime(long unixNanoseconds) => new Timestamp(unixNanoseconds).ToString()[..26] + "Z";

    private static string Number(double? value, string format) => value is { } number && double.IsFinite(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "n/a";

    private sealed record TrackingSystem(Device Device, string Name, Stream Output, MotionRows Rows);
}
