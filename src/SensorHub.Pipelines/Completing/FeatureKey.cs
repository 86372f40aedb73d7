using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Posture.Bends;
using SensorHub.Core.Posture.Reminders;
using SensorHub.Core.Posture.Wear;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Completing;

/// <summary>What makes two features the same point of a time series, of which the later one overwrites the earlier: kind, time and tags.</summary>
public readonly record struct FeatureKey(Type Kind, Timestamp Time, Slug Subject, Slug Sensor, string? Text, int First, int Second)
{
    public static FeatureKey Of(Feature feature) => feature switch
    {
        PostureEstimate f => Key(f, f.Sensor, text: f.Method),
        RollingEstimate f => Key(f, f.Sensor, (int)f.Muscle, (int)f.Side),
        Stroke f => Key(f, f.Sensor, (int)f.Muscle, (int)f.Side),
        Dwell f => Key(f, f.Sensor, (int)f.Muscle, (int)f.Side),
        RollingSet f => Key(f, f.Sensor, (int)f.Muscle, (int)f.Side),
        RollingDose f => Key(f, f.Sensor, (int)f.Muscle, (int)f.Side),
        BendRepetition f => Key(f, f.Sensor),
        CalibrationResult f => Key(f, f.Sensor, (int)f.Step),
        PostureTotals f => Key(f, f.Sensor),
        WearState f => Key(f, f.Sensor),
        ProtocolState f => Key(f, f.Sensor, (int)f.Step, (int)f.Result),
        SessionState f => Key(f, default, (int)f.Muscle, (int)f.Side, f.Label.IsNone ? EnumNames.Of(f.Event) : $"{EnumNames.Of(f.Event)} {f.Label}"),
        Gap f => Key(f, f.Sensor, f.Stream),
        DeviceEvent f => Key(f, f.Sensor, (int)f.Code),
        Cue f => Key(f, f.Sensor, (int)f.Code),
        SyncChecked f => Key(f, f.Sensor, text: f.OtherSensor.ToString()),
        SensorHealth f => Key(f, f.Sensor),
        _ => Key(feature, default),
    };

    private static FeatureKey Key(Feature feature, Slug sensor, int first = 0, int second = 0, string? text = null) =>
        new(feature.GetType(), feature.Time, feature.Subject, sensor, text, first, second);
}
