using SensorHub.Core.Timing;

namespace SensorHub.Core.Orientation;

internal static class SampleGap
{
    /// <summary>What a sample between two others may have been: time, rates and forces a part of the way from one to the other.</summary>
    public static ImuSample Between(in ImuSample before, in ImuSample after, double part) => new(
        new Timestamp(before.Time.UnixNanoseconds + (long)(part * (after.Time.UnixNanoseconds - before.Time.UnixNanoseconds))),
        before.SpecificForce + part * (after.SpecificForce - before.SpecificForce),
        before.AngularRate + part * (after.AngularRate - before.AngularRate));
}
