using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Link;

/// <summary>What people are told.</summary>
internal static class LinkText
{
    public const string NotHeard = "Not heard: is it switched on, charged and near?";

    public static string Of(StreamKind kind) => kind switch
    {
        StreamKind.Imu => "IMU",
        StreamKind.Load => "load",
        StreamKind.Battery => "battery",
        _ => "event",
    };

    public static string Of(DecodeStatus status) => status switch
    {
        DecodeStatus.TooShort => "too short",
        DecodeStatus.UnknownMajor => "another protocol version",
        DecodeStatus.UnknownStream => "of a stream that it does not describe",
        DecodeStatus.LengthMismatch => "cut off, or too long",
        _ => "with impossible values",
    };

    /// <summary>What a person can do about a stream that the sensor will not start.</summary>
    public static string Of(ControlStatus refusal) => refusal switch
    {
        ControlStatus.InCharger => "it is in its charger, and measures again when it is taken out",
        ControlStatus.NotAvailable => "a part of it does not work; switch it off and on, and have it repaired if that does not help",
        ControlStatus.MtuTooSmall => "the radio allows too small packets; another Bluetooth adapter may help",
        ControlStatus.UnsupportedPeriod => "it does not have the rate that it describes; update its firmware",
        _ => $"it answers {refusal}; update its firmware",
    };
}
