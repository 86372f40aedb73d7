using System.Text.Json.Nodes;
using SensorHub.Core.Protocol;
using SensorHub.Export.Recordings;

namespace SensorHub.Export.Bids;

/// <summary>Data dictionaries, and the README of a dataset.</summary>
internal static class BidsText
{
    public const string Readme = """
        Recordings of a sensor roller and a lumbar clip, exported by SensorHub as Motion-BIDS.

        Tracking systems
        ----------------
        tracksys-clip    two inertial measurement units on the midline of the back: "lower" over S1/S2, "upper" over T12/L1
        tracksys-roller  one inertial measurement unit in the core of a foam roller, and its load cells if it has any

        A number behind the label tells sensors of one kind apart. Each *_motion.tsv has the samples of one device at their own times: the first column
        (LATENCY) is the time in seconds since the first row, whose time is the acq_time of *_scans.tsv. All devices are stamped on one clock; its
        uncertainty and the drift of each device are in *_scans.tsv. Samples of one time share a row; a stream that has no sample then is "n/a".
        Samples that were lost have no row. Each stretch of them is an event of type "gap" with its length and the number of samples.

        Values are as the sensors measured them, in SI units: nothing was filtered, resampled or rotated. Specific force includes gravity: +9.81 m/s^2 along
        the axis that points up at rest. Forces of load cells are calibrated. The axes are those of the elements; *_channels.json says how they point.

        Events are what people and the program said (calibrations, muscles, steps of the protocol, pain) and what was found in the samples (strokes,
        sets, bends, phases), each in *_events.json. Estimates of posture, pressure and dose are not part of this dataset; SensorHub exports them as
        Parquet or CSV. Participants are pseudonyms.

        """;

    public static string ChannelsSidecar(Device device)
    {
        var frames = new JsonObject();
        foreach (var stream in device.Streams.Where(s => s.Element is not null).DistinctBy(s => s.Place))
            frames[stream.Place] = stream.Element is ElementRole.Core
                ? new JsonObject
                {
                    ["SpatialAxes"] = "___",
                    ["RotationRule"] = "right-hand",
                    ["Description"] = "Axes of the element in the core, fixed to the roller, which turns: no axis keeps a direction. The axis of rolling is found from the angular rate.",
                }
                : new JsonObject
                {
                    ["SpatialAxes"] = "SLP",
                    ["RotationRule"] = "right-hand",
                    ["Description"] = "Axes of the element, fixed to the back: x towards the head, y to the person's left, z backward, off the skin, as the clip is meant to be worn. How it was worn is found by calibration; values are not rotated by it.",
                };
        return Json.Text(new JsonObject
        {
            ["reference_frame"] = new JsonObject { ["Description"] = "The frame that the components are given in: that of the element.", ["Levels"] = frames },
            ["placement"] = Described("Where the element sits."),
            ["sampling_frequency"] = Described("Nominal rate of the channel, Hz. Rows at times when the channel has no sample are n/a."),
        });
    }

    public static string EventsSidecar()
    {
        var kinds = new JsonObject();
        foreach (var (kind, what) in SessionEvents.Kinds)
            kinds[kind] = what;
        return Json.Text(new JsonObject
        {
            ["onset"] = new JsonObject { ["Description"] = "Time since the first row of the motion file; what happened before is negative.", ["Units"] = "s" },
            ["duration"] = new JsonObject { ["Description"] = "How long it lasted; n/a for what has no length.", ["Units"] = "s" },
            ["trial_type"] = new JsonObject { ["Description"] = "What happened.", ["Levels"] = kinds },
            ["value"] = Described("What trial_type says of it."),
            ["muscle"] = Described("The muscle that rolling was meant for."),
            ["side"] = Described("left or right."),
            ["sensor"] = Described("The sensor that it is about; n/a for the session as a whole."),
            ["stream"] = Described("Of a gap: the number of the sensor's stream."),
        });
    }

    public static string ScansSidecar() => Json.Text(new JsonObject
    {
        ["acq_time"] = Described("Time of the first row, UTC. All devices of a session are on one clock."),
        ["duration_s"] = new JsonObject { ["Description"] = "From the first to the last row.", ["Units"] = "s" },
        ["gaps"] = Described("Stretches in which samples are missing for good, of all streams."),
        ["samples_lost"] = Described("Samples that are missing for good, of all streams; n/a when a reboot left no way to know."),
        ["clock_u_ms"] = new JsonObject { ["Description"] = "Standard uncertainty of a time at the end of the session.", ["Units"] = "ms" },
        ["clock_drift_ppm"] = new JsonObject { ["Description"] = "Rate of the device's clock against the hub's; already taken out of the times.", ["Units"] = "ppm" },
        ["algorithm_version"] = Described("Version of the software that found the events."),
        ["options_sha256"] = Described("Hash of the options that it found them with."),
        ["recording_sha256"] = Described("SHA-256 of the recording that this was made from."),
        ["protocol"] = Described("Version of the protocol of the study."),
    });

    public static JsonObject Described(string text) => new() { ["Description"] = text };
}
