using SensorHub.Core;

namespace SensorHub.Mqtt.Outbox;

/// <summary>How an outbox keeps and sends. Checked by the publisher.</summary>
public sealed record OutboxOptions
{
    /// <summary>
    /// In place of an output's name: the broker's acknowledgement is all that is waited for, where nobody confirms what was stored.
    /// </summary>
    public static readonly Slug Broker = Slug.Parse("broker");

    /// <summary>The file. Its folder is made if it is not there.</summary>
    public required string Path { get; init; }

    /// <summary>Names the destination in log lines and metrics: <c>hub</c>, <c>upstream</c>.</summary>
    public required string Destination { get; init; }

    /// <summary>Who has to have a message before it leaves the outbox: <c>store</c>, <c>influx</c>; or <see cref="Broker"/> alone.</summary>
    public required IReadOnlyList<Slug> Outputs { get; init; }

    /// <summary>Bytes on the disk beyond which the oldest messages are dropped. From 1 MiB on.</summary>
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>Age beyond which messages are dropped. From one minute on.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Messages that may wait for the disk; more of them drop the oldest. 1 to 1,000,000.</summary>
    public int Capacity { get; init; } = 10_000;

    /// <summary>Messages kept in memory while the disk cannot take them; more of them drop the oldest. 0 to 1,000,000.</summary>
    public int Unwritten { get; init; } = 10_000;

    /// <summary>Messages sent ahead of their acknowledgements, if the broker takes as many. 1 to 65535.</summary>
    public int InFlight { get; init; } = 256;

    /// <summary>Messages of the backlog sent ahead of an output's confirmations: what the broker and the output have to hold. 1 to 1,000,000.</summary>
    public int Window { get; init; } = 5_000;

    /// <summary>Messages sent and not confirmed of which the order of sending is remembered one by one; older ones are remembered as runs. 1 to 1,000,000.</summary>
    public int Remembered { get; init; } = 50_000;

    /// <summary>Within this time of being taken, a live message is sent as such; behind it, marked <c>historical</c>.</summary>
    public TimeSpan LiveFor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a later message has to be confirmed before an earlier one that is not counts as lost: one worker may be slower than another.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence of an output after which the oldest message is sent again, to ask; doubles up to <see cref="LongestProbe"/>.</summary>
    public TimeSpan FirstProbe { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan LongestProbe { get; init; } = TimeSpan.FromMinutes(10);

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Check()
    {
        if (Outputs.Count == 0 || Outputs.Distinct().Count() != Outputs.Count || (Outputs.Contains(Broker) && Outputs.Count > 1))
            throw new ArgumentException($"An outbox waits for the outputs that store its messages, each named once, or for '{Broker}' alone: not for '{string.Join(", ", Outputs)}'.", nameof(Outputs));
        Range(MaxBytes, 1 << 20, long.MaxValue, nameof(MaxBytes));
        Range(MaxAge.Ticks, TimeSpan.TicksPerMinute, long.MaxValue, nameof(MaxAge));
        Range(Capacity, 1, 1_000_000, nameof(Capacity));
        Range(Unwritten, 0, 1_000_000, nameof(Unwritten));
        Range(InFlight, 1, ushort.MaxValue, nameof(InFlight));
        Range(Window, 1, 1_000_000, nameof(Window));
        Range(Remembered, 1, 1_000_000, nameof(Remembered));
    }

    private static void Range(long value, long least, long most, string name)
    {
        if (value < least || value > most)
            throw new ArgumentOutOfRangeException(name, value, $"An outbox's {name} is {least} to {most}.");
    }
}

/// <summary>What an outbox is doing.</summary>
/// <param name="Waiting">Messages in it, sent or not; after a start, until they have been read, at most so many.</param>
/// <param name="Unconfirmed">Of them: sent, and not confirmed by every output.</param>
/// <param name="Bytes">On the disk.</param>
/// <param name="OldestAge">How long the oldest has been in it; zero when it is empty.</param>
/// <param name="Sent">Messages given to the broker, each time counted.</param>
/// <param name="Resent">Of them: sent before.</param>
/// <param name="Confirmed">Messages that every output has.</param>
/// <param name="Dropped">Messages given up for want of room, or for their age.</param>
/// <param name="Refused">Answers of the broker that refuse a message, and messages that could not be written.</param>
/// <param name="Unwritten">Messages in memory alone, because the disk does not take them, and those on their way to it.</param>
/// <param name="Fault">What is wrong with the file, in one line for a person; null when nothing is.</param>
public sealed record OutboxHealth(
    string Destination, long Waiting, long Unconfirmed, long Bytes, TimeSpan OldestAge, long Sent, long Resent, long Confirmed, long Dropped, long Refused, long Unwritten, string? Fault);
