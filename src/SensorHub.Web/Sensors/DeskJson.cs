using System.Text.Json.Nodes;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;

namespace SensorHub.Web.Sensors;

/// <summary>The state of the desk as the pages' scripts take it: units in the names, what is not known left out.</summary>
internal static class DeskJson
{
    public static string Of(DeskState state) => Known(
        ("time", state.Time.ToString()),
        ("subject", state.Subject.ToString()),
        ("radio_trouble", state.RadioTrouble),
        ("scanning", state.Scanning),
        ("sensors", new JsonArray([.. state.Sensors.Select(Sensor)])),
        ("nearby", new JsonArray([.. state.Nearby.Select(Nearby)])),
        ("pairing", state.Pairing is { } p ? Known(("id", p.Id), ("name", p.Name), ("passkey", p.Passkey), ("needs_answer", p.NeedsAnswer)) : null)).ToJsonString();

    private static JsonObject Sensor(DeskSensor s) => Known(
        ("sensor", s.Sensor.ToString()),
        ("name", s.Name),
        ("kind", EnumNames.Of(s.Kind)),
        ("subject", s.Subject.IsNone ? null : s.Subject.ToString()),
        ("link", EnumNames.Of(s.Link)),
        ("since", s.Since?.ToString()),
        ("trouble", s.Trouble),
        ("rssi_dbm", s.Rssi),
        ("battery_pct", s.Battery),
        ("firmware", s.Firmware),
        ("clock_u_ms", s.ClockUncertainty?.TotalMilliseconds),
        ("clock_drift_ppm", s.ClockDriftPpm),
        ("gaps", s.Gaps),
        ("lost", s.Lost),
        ("received", s.Received),
        ("streams", new JsonArray([.. s.Streams.Select(Stream)])),
        ("load", s.Load is { } load ? Load(load) : null));

    private static JsonObject Stream(DeskStream s) => Known(
        ("kind", EnumNames.Of(s.Kind)),
        ("role", s.Role is { } role && Enum.IsDefined(role) ? EnumNames.Of(role) : null),
        ("nominal_hz", s.NominalRate),
        ("rate_hz", s.Rate));

    private static JsonObject Load(DeskLoad load) => Known(
        ("arrangement", EnumNames.Of(load.Arrangement)),
        ("gains", Gains(load.Calibrations)),
        ("cells_n", Numbers(load.Cells)),
        ("force_n", load.Force),
        ("zeroed_n", load.Zeroed),
        ("weighing", load.Weighing),
        ("placements", new JsonArray([.. load.Placements.Select(p => Placement(load, p))])),
        ("result", load.Result is { } r
            ? Known(
                ("per_cell", r.IsPerCell), ("factors", Numbers(r.Factors)), ("uncertainty_pct", 100 * r.Uncertainty), ("residual_pct", 100 * r.Residual),
                ("verdict", EnumNames.Of(r.Verdict)))
            : null),
        ("gains_before", load.Before.Count > 0 ? Gains(load.Before) : null),
        ("check", load.Check is { } c ? Known(("weight_kg", c.Kilograms), ("weight_n", c.Kilograms * LoadPlacement.Gravity), ("force_n", c.Force), ("agrees", c.Agrees)) : null));

    private static JsonObject Placement(DeskLoad load, LoadPlacement p) => Known(
        ("weight_kg", p.Kilograms),
        ("weight_n", p.Weight),
        ("cell", p.Cell),
        ("force_n", new LoadCellCalibration(load.Arrangement).Force(p.Cells)));

    private static JsonObject Nearby(DeskNearby n) => Known(
        ("handle", n.Handle),
        ("name", n.Name),
        ("rssi_dbm", n.Rssi),
        ("last_heard", n.LastHeard.ToString()),
        ("busy", n.Busy),
        ("sensor", n.Sensor.IsNone ? null : n.Sensor.ToString()),
        ("battery_pct", n.Battery),
        ("firmware", n.Firmware));

    private static JsonArray Gains(IReadOnlyList<LoadCalibration> calibrations) =>
        new([.. calibrations.Select(c => Known(("cell", (int)c.Axis), ("gain_n", (double)c.Gain), ("zero_counts", (double)c.Zero)))]);

    private static JsonArray Numbers(IReadOnlyList<double> values) => new([.. values.Select(v => JsonValue.Create(double.IsFinite(v) ? v : 0))]);

    private static JsonObject Known(params (string Name, JsonNode? Value)[] members)
    {
        var known = new JsonObject();
        foreach (var (name, value) in members)
            if (value is not null)
                known.Add(name, value);
        return known;
    }
}
