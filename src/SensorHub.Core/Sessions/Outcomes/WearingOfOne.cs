namespace SensorHub.Core.Sessions.Outcomes;

/// <summary>Which wearing of the clip values belong to.</summary>
public static class WearingOfOne
{
    private static readonly Slug Name = Slug.Parse("one-wearing");

    /// <summary>Values of one recording: whose wearing nobody named was one and the same, for within a recording the clip stays on unless it says otherwise.</summary>
    public static MeasureValue[] Recording(IEnumerable<MeasureValue> values) =>
        [.. values.Select(v => v.Attachment.IsNone ? v with { Attachment = Name } : v)];
}
