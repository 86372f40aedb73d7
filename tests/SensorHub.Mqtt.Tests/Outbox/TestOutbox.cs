using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Outbox;

namespace SensorHub.Mqtt.Tests.Outbox;

/// <summary>An outbox in a folder of the test's own, on virtual time.</summary>
internal sealed class TestOutbox : IDisposable
{
    public static readonly Slug Store = Slug.Parse("store");
    public static readonly Slug Influx = Slug.Parse("influx");

    private readonly string _folder = ServerProcess.NewFolder();

    public TestOutbox(params Slug[] outputs)
    {
        Options = new OutboxOptions { Path = System.IO.Path.Combine(_folder, "outbox.db"), Destination = "test", Outputs = outputs.Length == 0 ? [Store] : outputs };
        Time.SetUtcNow(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    }

    public OutboxOptions Options { get; set; }

    public FakeTimeProvider Time { get; } = new();

    public Lines Log { get; } = new();

    public string Path => Options.Path;

    public string Folder => _folder;

    public DurableQueue Open() => new(Options, Time, Log, durable: false);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static MqttApplicationMessage Message(string text, string topic = "n", bool retain = false) => new()
    {
        Topic = topic,
        PayloadSegment = Encoding.UTF8.GetBytes(text),
        ContentType = "application/json",
        PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData,
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        Retain = retain,
        UserProperties = [new("schema", Encoding.UTF8.GetBytes("n/1")), new("session", Encoding.UTF8.GetBytes("s-1"))],
    };
}

/// <summary>A log that can be read.</summary>
internal sealed class Lines : ILogger
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> All
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
            _lines.Add(formatter(state, exception));
    }
}

internal static class QueueMoves
{
    public static void Live(this DurableQueue queue, params string[] texts) =>
        queue.Add([.. texts.Select(t => (TestOutbox.Message(Json(t)), Key(t), true))]);

    public static void Correct(this DurableQueue queue, params string[] texts) =>
        queue.Add([.. texts.Select(t => (TestOutbox.Message($$"""{"text":"{{t}}","finality":"final"}"""), Key(t), false))]);

    /// <summary>Sends what may be sent, at most so many: "text finality" each.</summary>
    public static List<(string Text, long Number, OutboxRow Row)> SendAll(this DurableQueue queue, int most = int.MaxValue)
    {
        var sent = new List<(string, long, OutboxRow)>();
        while (sent.Count < most && queue.Next(out var row) is { } message)
            sent.Add((TextOf(message), NumberOf(message).Number, row!));
        return sent;
    }

    public static IEnumerable<string> Texts(this IEnumerable<(string Text, long Number, OutboxRow Row)> sent) => sent.Select(s => s.Text);

    public static void Confirm(this DurableQueue queue, Slug output, params IEnumerable<long> numbers) =>
        queue.Confirm(queue.Name, output, [.. numbers.Select(n => (n, n))]);

    public static OutboxNumber NumberOf(MqttApplicationMessage message)
    {
        Assert.True(OutboxNumber.TryParse(Encoding.UTF8.GetString(message.UserProperties.Single(p => p.Name == OutboxNumber.Property).ValueBuffer.Span), out var number));
        return number;
    }

    private static string Json(string text) => string.Create(CultureInfo.InvariantCulture, $$"""{"text":"{{text}}","finality":"live"}""");

    private static ulong Key(string text) => OutboxKey.Of(text, new Core.Timing.Timestamp(1));

    private static string TextOf(MqttApplicationMessage message)
    {
        using var json = System.Text.Json.JsonDocument.Parse(message.Text());
        return $"{json.RootElement.GetProperty("text").GetString()} {json.RootElement.GetProperty("finality").GetString()}";
    }
}
