using System.Text.Json;
using System.Text.Json.Serialization;
using SensorHub.Core;
using SensorHub.Core.Protocol;

namespace SensorHub.Sensors;

/// <summary>
/// The sensors that were added, in a JSON file that only its owner can read: it has their radio addresses. Each change is
/// written at once, whole, beside the old file and then in its place. Thread-safe.
/// </summary>
public sealed partial class KnownSensors
{
    /// <summary>In the data folder.</summary>
    public const string FileName = "sensors.json";

    /// <summary>The same for <c>run --simulate</c>, whose sensors nobody can hear afterwards.</summary>
    public const string SimulatedFileName = "sensors-simulated.json";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Lock _gate = new();
    private readonly string _path;
    private IReadOnlyList<KnownSensor> _all;

    private KnownSensors(string path, IReadOnlyList<KnownSensor> all) => (_path, _all) = (path, all);

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyList<KnownSensor> All => Volatile.Read(ref _all);

    /// <param name="say">Takes the line about a file that could not be understood; it is kept aside, and the hub begins without sensors.</param>
    /// <exception cref="UserException">The file is there and cannot be read.</exception>
    public static KnownSensors Open(string path, Action<string> say)
    {
        try
        {
            if (!File.Exists(path))
                return new KnownSensors(path, []);
            if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) != OwnerOnly)
                File.SetUnixFileMode(path, OwnerOnly);
            return new KnownSensors(path, Parse(File.ReadAllBytes(path)));
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            var aside = path + ".broken";
            File.Move(path, aside, overwrite: true);
            say($"{path} cannot be understood ({FirstLine(e)}): it is kept as {aside}, and the hub begins without sensors. Add them again on the page, or mend the file and put it back.");
            return new KnownSensors(path, []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path} cannot be read ({FirstLine(e)}): make it readable for the user that runs the hub.", e);
        }
    }

    public KnownSensor? Find(Slug sensor) => All.FirstOrDefault(s => s.Sensor == sensor);

    /// <summary>Adds a sensor, or puts it in the place of what was known of it.</summary>
    /// <exception cref="UserException">The file cannot be written; nothing has changed.</exception>
    public void Put(KnownSensor sensor)
    {
        lock (_gate)
            Save(_all.Any(s => s.Sensor == sensor.Sensor) ? [.. _all.Select(s => s.Sensor == sensor.Sensor ? sensor : s)] : [.. _all, sensor]);
    }

    /// <summary>Changes what is known of a sensor; of one that is not known, nothing.</summary>
    /// <exception cref="UserException">The file cannot be written; nothing has changed.</exception>
    public void Change(Slug sensor, Func<KnownSensor, KnownSensor> change)
    {
        lock (_gate)
            if (_all.Any(s => s.Sensor == sensor))
                Save([.. _all.Select(s => s.Sensor == sensor ? change(s) : s)]);
    }

    /// <exception cref="UserException">The file cannot be written; nothing has changed.</exception>
    public void Remove(Slug sensor)
    {
        lock (_gate)
            Save([.. _all.Where(s => s.Sensor != sensor)]);
    }

    private void Save(IReadOnlyList<KnownSensor> sensors)
    {
        var aside = _path + ".new";
        try
        {
            File.Delete(aside);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = OwnerOnly;
            using (var file = new FileStream(aside, options))
            {
                JsonSerializer.Serialize(file, new Content([.. sensors.Select(Entry.Of)]), Json.Default.Content);
                file.Flush(flushToDisk: true);
            }
            File.Move(aside, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{_path} cannot be written ({FirstLine(e)}): nothing was changed. Make room, or the folder writable.", e);
        }
        Volatile.Write(ref _all, sensors);
    }

    private static List<KnownSensor> Parse(byte[] json)
    {
        var content = JsonSerializer.Deserialize(json, Json.Default.Content) ?? throw new FormatException("it is empty");
        List<KnownSensor> sensors = [.. content.Sensors.Select(s => s.ToKnown())];
        return sensors.DistinctBy(s => s.Sensor).Count() == sensors.Count ? sensors : throw new FormatException("a sensor is in it twice");
    }

    private static string FirstLine(Exception e) => e.Message.ReplaceLineEndings("\n").Split('\n')[0].TrimEnd('.');

    private sealed record Content(IReadOnlyList<Entry> Sensors);

    private sealed record Entry(string Sensor, string Name, string Address, string Advertised, string? Subject = null)
    {
        public static Entry Of(KnownSensor s) => new(s.Sensor.ToString(), s.Name, s.Address, s.Advertised, s.Subject.IsNone ? null : s.Subject.ToString());

        public KnownSensor ToKnown()
        {
            var sensor = Slug.Parse(Sensor);
            if (!EnumNames.TryParse<SensorKind>(Sensor.Split('-')[0], out var kind))
                throw new FormatException($"'{Sensor}' is neither a roller nor a clip");
            if (string.IsNullOrWhiteSpace(Name) || Name.Length > KnownSensor.LongestName || string.IsNullOrWhiteSpace(Address))
                throw new FormatException($"{Sensor} has no name or no address");
            return new KnownSensor(sensor, kind, Name, Address, Advertised, Subject is null ? default : Slug.Parse(Subject));
        }
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(Content))]
    private sealed partial class Json : JsonSerializerContext;
}
