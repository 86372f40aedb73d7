namespace SensorHub.Core.Rolling;

internal static class Statistics
{
    /// <summary>The middle value, or the mean of the two; null of none.</summary>
    public static double? Median(double[] values)
    {
        if (values.Length == 0)
            return null;
        Array.Sort(values);
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
    }
}
