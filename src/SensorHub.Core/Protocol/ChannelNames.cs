using static System.FormattableString;

namespace SensorHub.Core.Protocol;

/// <summary>What a channel is called where it leaves the process: a name with its unit, as in the columns of exports.</summary>
public static class ChannelNames
{
    private const string Axes = "xyz";

    /// <param name="index">Of the channel in its stream, for one of which nothing better is known.</param>
    public static string Of(ChannelDescriptor channel, int index) => channel switch
    {
        { Quantity: Quantity.Acceleration, Axis: < 3 } => $"a{Axes[channel.Axis]}_mps2",
        { Quantity: Quantity.AngularRate, Axis: < 3 } => $"g{Axes[channel.Axis]}_radps",
        { Quantity: Quantity.LoadCounts } => Invariant($"load{channel.Axis + 1}_counts"),
        { Quantity: Quantity.Temperature } => "temperature_degc",
        { Quantity: Quantity.Pressure } => channel.Axis == 0 ? "bladder_pa" : Invariant($"ambient{(channel.Axis > 1 ? channel.Axis : "")}_pa"),
        { Quantity: Quantity.BatteryLevel } => "battery_pct",
        { Quantity: Quantity.BatteryVoltage } => "battery_v",
        { Quantity: Quantity.EventCode } => "event_code",
        { Quantity: Quantity.EventArgument } => "event_argument",
        { Quantity: Quantity.TickOffset } => "tick_offset",
        _ => Invariant($"channel{index}"),
    };

    /// <summary>Of a load cell in newton, by its calibration.</summary>
    public static string OfForce(byte cell) => Invariant($"load{cell + 1}_n");
}
