namespace SensorHub.Mqtt.HomeAssistant;

public sealed record HomeAssistantOptions
{
    /// <summary>First part of Home Assistant's own topics, as set in its MQTT integration. Default: its default.</summary>
    public string Prefix { get; init; } = "homeassistant";

    /// <summary>
    /// When Home Assistant has started, every device at its broker is asked to announce itself: each waits a time drawn
    /// from zero to this one. Range 0 to 60 s.
    /// </summary>
    public TimeSpan LongestBirthDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Where its start is told: <c>online</c>.</summary>
    public string BirthTopic => $"{Prefix}/status";

    /// <summary>Where a device is announced.</summary>
    public string ConfigTopic(string device) => $"{Prefix}/device/{device}/config";

    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public void Validate()
    {
        if (Prefix.Length is 0 or > 100 || Prefix.AsSpan().IndexOfAny("+#\0") >= 0 || Prefix.StartsWith('/') || Prefix.EndsWith('/'))
            throw new ArgumentException($"'{Prefix}' is no prefix of Home Assistant's topics; it is such as homeassistant.", nameof(Prefix));
        ArgumentOutOfRangeException.ThrowIfLessThan(LongestBirthDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LongestBirthDelay, TimeSpan.FromSeconds(60));
    }
}
