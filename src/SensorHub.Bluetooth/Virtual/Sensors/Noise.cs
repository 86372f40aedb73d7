namespace SensorHub.Bluetooth.Virtual.Sensors;

internal static class Noise
{
    /// <summary>A draw from the standard normal distribution (Box and Muller 1958).</summary>
    public static double NextGaussian(this Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>A seed of its own for a part of a simulation, so that what one part draws does not change another's. FNV-1a.</summary>
    public static Random Fork(int seed, string name)
    {
        var hash = 2166136261u ^ (uint)seed;
        hash *= 16777619u;
        foreach (var c in name)
            hash = (hash ^ c) * 16777619u;
        return new Random((int)(hash & int.MaxValue));
    }
}
