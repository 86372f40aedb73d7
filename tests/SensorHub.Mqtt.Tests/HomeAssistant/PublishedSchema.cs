using System.Text.Json;
using System.Text.RegularExpressions;

namespace SensorHub.Mqtt.Tests.HomeAssistant;

/// <summary>
/// What Home Assistant takes, as far as we use it, written down as data from its source: home-assistant/core,
/// <c>components/mqtt</c>: <c>schemas.py</c> (device, origin, availability, common options; both as device discovery began,
/// commit 0f5c1b547043, and as of autumn 2026), <c>sensor.py</c>, <c>binary_sensor.py</c>, <c>event.py</c> (commit 03ffd74c83de), <c>discovery.py</c>;
/// <c>components/sensor/const.py</c> (units and state classes of each device class). Only what all these versions take is listed here.
/// </summary>
internal static partial class PublishedSchema
{
    private static readonly HashSet<string> RootKeys = ["device", "origin", "components", "availability", "availability_mode", "state_topic", "qos", "encoding"];

    private static readonly HashSet<string> DeviceKeys =
        ["identifiers", "connections", "manufacturer", "model", "model_id", "name", "hw_version", "serial_number", "sw_version", "via_device", "suggested_area", "configuration_url"];

    private static readonly HashSet<string> OriginKeys = ["name", "sw_version", "support_url"];

    private static readonly HashSet<string> AvailabilityKeys = ["topic", "payload_available", "payload_not_available", "value_template"];

    private static readonly HashSet<string> CommonKeys =
    [
        "platform", "name", "unique_id", "state_topic", "value_template", "qos", "encoding", "availability", "availability_mode", "enabled_by_default", "entity_category", "icon",
        "json_attributes_topic", "json_attributes_template",
    ];

    private static readonly Dictionary<string, HashSet<string>> PlatformKeys = new()
    {
        ["sensor"] = ["device_class", "state_class", "unit_of_measurement", "suggested_display_precision", "options", "expire_after", "force_update", "last_reset_value_template"],
        ["binary_sensor"] = ["device_class", "payload_on", "payload_off", "off_delay", "expire_after", "force_update"],
        ["event"] = ["device_class", "event_types"],
    };

    /// <summary>Device class of a sensor → its units, and the state classes that may go with it.</summary>
    private static readonly Dictionary<string, (string[] Units, string[] StateClasses)> SensorClasses = new()
    {
        ["battery"] = (["%"], ["measurement"]),
        ["frequency"] = (["Hz", "kHz", "MHz", "GHz"], ["measurement"]),
        ["pressure"] = (["Pa", "hPa", "kPa", "bar", "cbar", "mbar", "mmHg", "inHg", "psi"], ["measurement"]),
        ["duration"] = (["d", "h", "min", "s", "ms"], ["measurement", "total", "total_increasing"]),
        ["enum"] = ([], []),
    };

    private static readonly HashSet<string> StateClasses = ["measurement", "total", "total_increasing"];

    private static readonly HashSet<string> BinaryClasses =
    [
        "battery", "battery_charging", "carbon_monoxide", "cold", "connectivity", "door", "garage_door", "gas", "heat", "light", "lock", "moisture", "motion", "moving", "occupancy",
        "opening", "plug", "power", "presence", "problem", "running", "safety", "smoke", "sound", "tamper", "update", "vibration", "window",
    ];

    private static readonly HashSet<string> EventClasses = ["doorbell", "button", "motion"];

    /// <summary>Longest state that is kept.</summary>
    private const int LongestState = 255;

    /// <summary>What is wrong with it; empty when nothing is.</summary>
    public static IEnumerable<string> Check(string topic, JsonElement root)
    {
        if (!ConfigTopic().IsMatch(topic))
            yield return $"{topic} is no topic of a device";
        foreach (var trouble in Unknown("root", root, RootKeys))
            yield return trouble;

        var device = root.GetProperty("device");
        foreach (var trouble in Unknown("device", device, DeviceKeys))
            yield return trouble;
        if (device.GetProperty("identifiers") is not { ValueKind: JsonValueKind.Array } identifiers || identifiers.GetArrayLength() == 0)
            yield return "device has no identifiers";
        var origin = root.GetProperty("origin");
        foreach (var trouble in Unknown("origin", origin, OriginKeys))
            yield return trouble;
        if (string.IsNullOrEmpty(origin.GetProperty("name").GetString()))
            yield return "origin has no name";

        foreach (var component in root.GetProperty("components").EnumerateObject())
            foreach (var trouble in Component(component.Value))
                yield return $"{component.Name}: {trouble}";
    }

    private static IEnumerable<string> Component(JsonElement c)
    {
        var platform = Text(c, "platform");
        if (platform is null || !PlatformKeys.TryGetValue(platform, out var keys))
        {
            yield return $"platform '{platform}'";
            yield break;
        }
        foreach (var trouble in Unknown(platform, c, [.. CommonKeys, .. keys]))
            yield return trouble;
        foreach (var required in new[] { "unique_id", "name", "state_topic" })
            if (string.IsNullOrEmpty(Text(c, required)))
                yield return $"no {required}";
        if (Text(c, "state_topic") is { } topic && !SubscribeTopic().IsMatch(topic))
            yield return $"state topic {topic}";
        if (Text(c, "entity_category") is { } category && category != "diagnostic")
            yield return $"entity category {category} of what only reads";
        if (Text(c, "icon") is { } icon && !Icon().IsMatch(icon))
            yield return $"icon {icon}";
        if (c.TryGetProperty("expire_after", out var expire) && expire.GetInt32() <= 0)
            yield return "expire_after is not positive";
        if (c.TryGetProperty("suggested_display_precision", out var precision) && precision.GetInt32() < 0)
            yield return "suggested_display_precision is negative";
        if (Text(c, "availability_mode") is { } mode && mode is not ("all" or "any" or "latest"))
            yield return $"availability mode {mode}";
        foreach (var trouble in Availability(c).Concat(Text(c, "device_class") is var deviceClass && platform == "sensor" ? Sensor(c, deviceClass) : platform == "binary_sensor"
                     ? deviceClass is null || BinaryClasses.Contains(deviceClass) ? [] : [$"device class {deviceClass}"]
                     : Event(c, deviceClass)))
            yield return trouble;
        foreach (var template in Templates(c))
            if (Count(template, "{{") != Count(template, "}}") || Count(template, "{%") != Count(template, "%}") || Count(template, "{{") == 0)
                yield return $"template {template}";
    }

    private static IEnumerable<string> Sensor(JsonElement c, string? deviceClass)
    {
        var unit = Text(c, "unit_of_measurement");
        var stateClass = Text(c, "state_class");
        if (stateClass is not null && !StateClasses.Contains(stateClass))
            yield return $"state class {stateClass}";
        if (deviceClass is not null && !SensorClasses.ContainsKey(deviceClass))
            yield return $"device class {deviceClass}";
        else if (deviceClass is not null && SensorClasses[deviceClass] is var known)
        {
            if (unit is null ? known.Units is not [] : !known.Units.Contains(unit))
                yield return $"unit '{unit}' of a {deviceClass}";
            if (stateClass is not null && !known.StateClasses.Contains(stateClass))
                yield return $"state class {stateClass} of a {deviceClass}";
        }
        var hasOptions = c.TryGetProperty("options", out var options);
        if (hasOptions != (deviceClass == "enum"))
            yield return "options and the device class enum come together";
        if (hasOptions && (options.GetArrayLength() == 0 || stateClass is not null || unit is not null))
            yield return "options are not empty, and without a state class and a unit";
        if (hasOptions && options.EnumerateArray().Any(o => o.GetString()!.Length > LongestState))
            yield return "an option is too long";
        if (unit is not null && stateClass is null)
            yield return "a number without a state class has no statistics";
    }

    private static IEnumerable<string> Event(JsonElement c, string? deviceClass)
    {
        if (!c.TryGetProperty("event_types", out var types) || types.ValueKind != JsonValueKind.Array || types.GetArrayLength() == 0)
            yield return "no event types";
        if (deviceClass is not null && !EventClasses.Contains(deviceClass))
            yield return $"device class {deviceClass}";
    }

    private static IEnumerable<string> Availability(JsonElement c)
    {
        if (!c.TryGetProperty("availability", out var all))
            yield break;
        foreach (var one in all.EnumerateArray())
        {
            foreach (var trouble in Unknown("availability", one, AvailabilityKeys))
                yield return trouble;
            if (Text(one, "topic") is not { } topic || !SubscribeTopic().IsMatch(topic))
                yield return "availability without a topic";
        }
    }

    private static IEnumerable<string> Templates(JsonElement c)
    {
        foreach (var key in new[] { "value_template", "json_attributes_template" })
            if (Text(c, key) is { } template)
                yield return template;
        if (c.TryGetProperty("availability", out var all))
            foreach (var one in all.EnumerateArray())
                if (Text(one, "value_template") is { } template)
                    yield return template;
    }

    private static IEnumerable<string> Unknown(string of, JsonElement element, HashSet<string> known) =>
        element.EnumerateObject().Where(p => !known.Contains(p.Name)).Select(p => $"{of} has '{p.Name}'");

    private static string? Text(JsonElement element, string key) => element.TryGetProperty(key, out var value) ? value.GetString() : null;

    private static int Count(string text, string part) => (text.Length - text.Replace(part, "", StringComparison.Ordinal).Length) / part.Length;

    [GeneratedRegex("^homeassistant/device/[a-zA-Z0-9_-]+/config$")]
    private static partial Regex ConfigTopic();

    [GeneratedRegex("^[^/#+][^#]*$")]
    private static partial Regex SubscribeTopic();

    [GeneratedRegex("^mdi:[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex Icon();
}
