using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Mqtt.HomeAssistant;

/// <summary>
/// The hub and its sensors as devices of Home Assistant, with their entities. They read the topics of the contract, and for
/// posture and rolling the one that carries them once a second. What the person is doing is of the sensor that it comes
/// from, so no pseudonym is in it.
/// </summary>
internal sealed class HomeAssistantDevices(Slug hub, string version)
{
    private const string Manufacturer = "SensorHub";

    /// <summary>Identifiers of a device's entities and of the device itself. A slug has no '_', so no two devices share one.</summary>
    public string HubId { get; } = $"sensorhub_{hub}";

    public string SensorId(Slug sensor) => $"{HubId}_{sensor}";

    /// <summary>Whether the identifier is of a sensor of this hub: of this run, or of an earlier one.</summary>
    public bool IsSensor(string id) => id.StartsWith(HubId + "_", StringComparison.Ordinal);

    public DeviceConfig Hub()
    {
        var entities = new Entities(HubId, Topics.HubStatus(hub), []);
        entities.Add("online", "Connection", "binary_sensor", "{{ 'ON' if value_json.online else 'OFF' }}", e => e with { DeviceClass = "connectivity", EntityCategory = Diagnostic });
        entities.AvailableWhile(HubOnline);
        entities.Add("radio", "Radio", "binary_sensor", "{{ 'ON' if value_json.radio_trouble is defined else 'OFF' }}", e => e with
        {
            DeviceClass = "problem", EntityCategory = Diagnostic,
            JsonAttributesTopic = Topics.HubStatus(hub), JsonAttributesTemplate = "{{ {'trouble': value_json.radio_trouble | default('')} | tojson }}",
        });
        entities.Add("session", "Session", "binary_sensor", "{{ 'OFF' if value_json.event == 'ended' else 'ON' }}", e => e with
        {
            DeviceClass = "running", StateTopic = $"{Topics.Root}/{hub}/subjects/+/session",
        });
        return Device(new DeviceInfo { Identifiers = [HubId], Name = $"SensorHub {hub}", Manufacturer = Manufacturer, Model = "Hub", SwVersion = version }, entities);
    }

    public DeviceConfig Sensor(Slug sensor, SensorKind kind)
    {
        var id = SensorId(sensor);
        var status = Topics.SensorStatus(hub, sensor);
        var streaming = new AvailabilityConfig(status, "{{ 'online' if value_json.link == 'streaming' else 'offline' }}");
        var entities = new Entities(id, Topics.Home(hub, sensor), [HubOnline, streaming]);
        if (kind == SensorKind.Clip)
            Clip(entities, sensor);
        else
            Roller(entities, sensor);

        entities.From(status, HubOnline);
        entities.Add("battery", "Battery", "sensor", Value("battery_pct"), e => Measured(e, "%", 0) with { DeviceClass = "battery", EntityCategory = Diagnostic });
        entities.Add("link", "Link", "sensor", "{{ value_json.link }}", e => OneOf<LinkState>(e) with { EntityCategory = Diagnostic, Icon = "mdi:bluetooth" });
        entities.Add("problem", "Problem", "binary_sensor", "{{ 'ON' if value_json.trouble is defined else 'OFF' }}", e => e with
        {
            DeviceClass = "problem", EntityCategory = Diagnostic,
            JsonAttributesTopic = status, JsonAttributesTemplate = "{{ {'trouble': value_json.trouble | default('')} | tojson }}",
        });
        entities.Add("rate", "Sampling rate", "sensor", "{{ value_json.rate_hz }}", e => Measured(e, "Hz", 1) with { DeviceClass = "frequency", EntityCategory = Diagnostic });
        entities.Add("loss", "Samples lost", "sensor", "{{ value_json.loss_pct }}", e => Measured(e, "%", 2) with { EntityCategory = Diagnostic, Icon = "mdi:message-alert-outline" });
        entities.Add("clock", "Clock uncertainty", "sensor", Value("clock_u_ms"), e => Measured(e, "ms", 1) with { EntityCategory = Diagnostic, Icon = "mdi:clock-check-outline" });

        var name = kind == SensorKind.Clip ? "Lumbar clip" : "Roller";
        var serial = sensor.ToString() is var text && text.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash ? text[(dash + 1)..] : text;
        return Device(new DeviceInfo { Identifiers = [id], Name = $"{name} {serial}", Manufacturer = Manufacturer, Model = name, SerialNumber = serial, ViaDevice = HubId }, entities);
    }

    private const string Diagnostic = "diagnostic";

    private AvailabilityConfig HubOnline => new(Topics.HubStatus(hub), "{{ 'online' if value_json.online else 'offline' }}");

    private void Clip(Entities entities, Slug sensor)
    {
        entities.AddFresh("phase", "Posture", "sensor", "{{ value_json.phase }}", e => OneOf<Phase>(e) with { Icon = "mdi:human" });
        entities.AddFresh("lordosis", "Lumbar arch", "sensor", Value("lordosis_deg"), e => Measured(e, "°", 1) with { Icon = "mdi:angle-acute" });
        entities.AddFresh("lordosis_change", "Change of the lumbar arch from standing", "sensor", Value("lordosis_change_deg"), e => Measured(e, "°", 1) with { Icon = "mdi:angle-acute" });
        entities.AddFresh("pelvic_inclination", "Pelvic inclination", "sensor", Value("pelvic_inclination_deg"), e => Measured(e, "°", 1) with { Icon = "mdi:angle-acute" });
        entities.AddFresh("trunk_rotation", "Trunk lean from standing", "sensor", Value("trunk_rotation_deg"), e => Measured(e, "°", 1) with { Icon = "mdi:human-handsdown" });
        entities.AddFresh("quality", "Quality of the estimate", "sensor", "{{ value_json.quality }}", e => OneOf<Quality>(e) with { EntityCategory = Diagnostic, Icon = "mdi:check-decagram-outline" });
        Cues(entities, sensor);
    }

    private void Roller(Entities entities, Slug sensor)
    {
        entities.AddFresh("contact", "In use", "binary_sensor", "{{ 'ON' if value_json.contact else 'OFF' }}", e => e with { DeviceClass = "occupancy" });
        entities.AddFresh("muscle", "Muscle", "sensor", "{{ value_json.muscle }}", e => OneOf<Muscle>(e) with { Icon = "mdi:arm-flex-outline" });
        entities.AddFresh("side", "Side", "sensor", "{{ value_json.side }}", e => OneOf<Side>(e) with { Icon = "mdi:swap-horizontal" });
        entities.AddFresh("force", "Force", "sensor", Value("force_n"), e => Measured(e, "N", 0) with { Icon = "mdi:arrow-collapse-down" });
        entities.AddFresh("body_weight", "Force in body weight", "sensor", Value("body_weight_pct"), e => Measured(e, "%", 0) with { Icon = "mdi:scale-bathroom" });
        entities.AddFresh("pressure", "Contact pressure", "sensor", Value("pressure_kpa"), e => Measured(e, "kPa", 0) with { DeviceClass = "pressure" });
        entities.AddFresh("band", "Target", "sensor", "{{ value_json.band }}", e => OneOf<Band>(e) with { Icon = "mdi:bullseye-arrow" });
        entities.AddFresh("strokes", "Strokes", "sensor", "{{ value_json.strokes }}", e => e with { StateClass = "total_increasing", Icon = "mdi:counter" });
        entities.AddFresh("tempo", "Time of a stroke", "sensor", Value("tempo_s"), e => Measured(e, "s", 1) with { DeviceClass = "duration" });
        entities.AddFresh("contact_time", "Time in use", "sensor", "{{ value_json.contact_s }}", e => Measured(e, "s", 0) with { DeviceClass = "duration", StateClass = "total_increasing" });
        entities.AddFresh("time_in_target", "Time in target", "sensor", "{{ value_json.in_band_s }}", e => Measured(e, "s", 0) with { DeviceClass = "duration", StateClass = "total_increasing" });
        entities.AddFresh("quality", "Quality of the estimate", "sensor", "{{ value_json.quality }}", e => OneOf<Quality>(e) with { EntityCategory = Diagnostic, Icon = "mdi:check-decagram-outline" });
        Cues(entities, sensor);
    }

    /// <summary>For automations: a lamp that turns red when somebody slouches.</summary>
    private void Cues(Entities entities, Slug sensor) => entities.Add(
        "cue", "Cue", "event",
        $$$"""{% if value_json.sensor == '{{{sensor}}}' and value_json.finality == 'live' %}{{ {'event_type': value_json.code, 'level': value_json.level} | tojson }}{% endif %}""",
        e => e with { EventTypes = [.. EnumNames.All<CueCode>().Except([EnumNames.Of(CueCode.Message)])], Icon = "mdi:bullhorn-outline", StateTopic = $"{Topics.Root}/{hub}/subjects/+/cues" });

    private DeviceConfig Device(DeviceInfo device, Entities entities) =>
        new() { Device = device, Origin = new OriginInfo(Manufacturer, version), Components = entities.All };

    /// <summary>A field that may be left out: Home Assistant shows "unknown" for None.</summary>
    private static string Value(string field) => $"{{{{ value_json.{field} | default(none) }}}}";

    private static ComponentConfig Measured(ComponentConfig entity, string unit, int decimals) =>
        entity with { StateClass = "measurement", UnitOfMeasurement = unit, SuggestedDisplayPrecision = decimals };

    private static ComponentConfig OneOf<T>(ComponentConfig entity) where T : struct, Enum =>
        entity with { DeviceClass = "enum", Options = [.. EnumNames.All<T>()] };

    /// <summary>The entities of a device, of one topic after the other.</summary>
    private sealed class Entities(string id, string topic, AvailabilityConfig[] available)
    {
        private readonly Dictionary<string, ComponentConfig> _all = [];

        public IReadOnlyDictionary<string, ComponentConfig> All => _all;

        public void From(string next, params AvailabilityConfig[] availableNext) => (topic, available) = (next, availableNext);

        public void AvailableWhile(params AvailabilityConfig[] availableNext) => available = availableNext;

        public void Add(string key, string name, string platform, string template, Func<ComponentConfig, ComponentConfig> with) => _all.Add(key, with(new ComponentConfig
        {
            Platform = platform, Name = name, UniqueId = $"{id}_{key}", StateTopic = topic, ValueTemplate = template,
            Availability = available is [] ? null : available, AvailabilityMode = available is [_, _, ..] ? "all" : null,
        }));

        /// <summary>What nobody says again is not so any more.</summary>
        public void AddFresh(string key, string name, string platform, string template, Func<ComponentConfig, ComponentConfig> with) =>
            Add(key, name, platform, template, entity => with(entity) with { ExpireAfter = (int)HubMessages.HomeExpiry.TotalSeconds });
    }
}
