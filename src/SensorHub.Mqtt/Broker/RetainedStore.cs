using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using SensorHub.Core;

namespace SensorHub.Mqtt.Broker;

/// <summary>
/// Retained messages on disk: a journal, one JSON line a change, written before the change is acknowledged, so a kill −9 takes nothing that was. Now and then it is
/// written anew without what was replaced, aside and renamed.
/// </summary>
internal sealed partial class RetainedStore : IDisposable
{
    /// <summary>The journal is written anew when it is this much longer than what it says.</summary>
    private const long Slack = 1024 * 1024;

    private readonly string? _file;
    private readonly BrokerLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MqttApplicationMessage> _messages = [];
    private FileStream? _journal;
    private long _bytes;
    private bool _failing;

    /// <param name="file">Null: in memory alone.</param>
    /// <param name="readOnly">A broker may have the file open: it is left as it is.</param>
    /// <exception cref="UserException">The file cannot be read or written.</exception>
    public RetainedStore(string? file, BrokerLimits limits, TimeProvider time, ILogger logger, bool readOnly = false)
    {
        (_file, _limits, _time, _logger) = (file, limits, time, logger);
        if (file is null)
            return;
        try
        {
            var damaged = Load(file);
            if (readOnly)
                return;
            if (damaged > 0)
                KeepAside(file, damaged);
            WriteAnew();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The retained messages in '{file}' cannot be read or written: {e.Message.TrimEnd('.')}. Check the rights of the data folder, and the room on the disk.", e);
        }
    }

    public IReadOnlyCollection<MqttApplicationMessage> Messages => _messages.Values;

    /// <summary>Whether this message can be kept within the limits; one that clears, or is no longer than what it replaces, always can.</summary>
    public bool HasRoom(MqttApplicationMessage message)
    {
        if (message.Payload.Length == 0)
            return true;
        lock (_gate)
        {
            var before = _messages.TryGetValue(message.Topic, out var replaced) ? Size(replaced) : 0;
            return (replaced is not null || _messages.Count < _limits.Retained) && (Size(message) <= before || _bytes - before + Size(message) <= _limits.RetainedBytes);
        }
    }

    /// <summary>Keeps the message, or with an empty payload forgets what its topic had.</summary>
    public void Keep(MqttApplicationMessage message)
    {
        lock (_gate)
        {
            Take(message);
            if (_file is null)
                return;
            try
            {
                if (_journal is null || _journal.Length > Slack + 4 * _bytes)
                    WriteAnew();
                else
                    _journal.Write(Line(message));
                if (_failing)
                    _logger.LogWarning("The retained messages can be written to {File} again.", _file);
                _failing = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // A line may have been cut: the next change writes all anew.
                _journal?.Dispose();
                _journal = null;
                if (!_failing)
                    _logger.LogWarning("The retained messages cannot be written to {File} ({Reason}): make room, or check its rights. Until then a restart forgets the newest.", _file, e.Message);
                _failing = true;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _journal?.Dispose();
    }

    private void Take(MqttApplicationMessage message)
    {
        if (_messages.Remove(message.Topic, out var replaced))
            _bytes -= Size(replaced);
        if (message.Payload.Length == 0)
            return;
        _messages[message.Topic] = message;
        _bytes += Size(message);
    }

    private static long Size(MqttApplicationMessage message) => message.Topic.Length + message.Payload.Length;

    /// <returns>Lines that cannot be read.</returns>
    private int Load(string file)
    {
        if (!File.Exists(file))
            return 0;
        var text = File.ReadAllBytes(file).AsSpan();
        // What follows the last line's end was being written when the power went, and was never acknowledged.
        text = text[..(text.LastIndexOf((byte)'\n') + 1)];
        var damaged = 0;
        while (text.Length > 0)
        {
            var end = text.IndexOf((byte)'\n');
            if (Read(text[..end]) is not { } message)
                damaged++;
            else if (HasRoom(message))
                Take(message);
            text = text[(end + 1)..];
        }
        return damaged;
    }

    private void KeepAside(string file, int damaged)
    {
        var aside = $"{file}.damaged-{_time.GetUtcNow():yyyyMMdd-HHmmss}";
        File.Move(file, aside, overwrite: true);
        _logger.LogWarning("Of the retained messages in {File} {Damaged} line(s) cannot be read: the other {Kept} message(s) are there, and the file is kept as {Aside}.", file, damaged, _messages.Count, aside);
    }

    private void WriteAnew()
    {
        _journal?.Dispose();
        _journal = null;
        var all = new ArrayBufferWriter<byte>();
        foreach (var message in _messages.Values)
            all.Write(Line(message));
        OwnersFile.Write(_file!, all.WrittenSpan);
        _journal = OwnersFile.Create(_file!, FileMode.Append);
    }

    private byte[] Line(MqttApplicationMessage message)
    {
        var line = new RetainedLine(
            message.Topic,
            message.Payload.ToArray(),
            (int)message.QualityOfServiceLevel,
            message.ContentType,
            message.PayloadFormatIndicator == MqttPayloadFormatIndicator.CharacterData ? true : null,
            message.ResponseTopic,
            message.CorrelationData,
            message.MessageExpiryInterval == 0 ? null : _time.GetUtcNow().AddSeconds(message.MessageExpiryInterval),
            message.UserProperties is { Count: > 0 } properties ? [.. properties.Select(p => new[] { p.Name, Encoding.UTF8.GetString(p.ValueBuffer.Span) })] : null);
        return [.. JsonSerializer.SerializeToUtf8Bytes(line, RetainedJson.Default.RetainedLine), (byte)'\n'];
    }

    /// <summary>Null for a line that is none; an empty payload for a message that has expired.</summary>
    private MqttApplicationMessage? Read(ReadOnlySpan<byte> bytes)
    {
        RetainedLine? line;
        try
        {
            line = JsonSerializer.Deserialize(bytes, RetainedJson.Default.RetainedLine);
        }
        catch (JsonException)
        {
            return null;
        }
        if (line is null || line.Topic.Length == 0 || TopicFilters.HasWildcard(line.Topic) || line.Qos is < 0 or > 2 || line.Properties?.Any(p => p is not [_, _]) == true)
            return null;
        var left = line.Expires is { } expires ? Math.Ceiling((expires - _time.GetUtcNow()).TotalSeconds) : 0;
        return new MqttApplicationMessage
        {
            Topic = line.Topic,
            PayloadSegment = left < 0 || line.Expires is not null && left == 0 ? [] : line.Payload,
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)line.Qos,
            Retain = true,
            ContentType = line.ContentType,
            PayloadFormatIndicator = line.Text == true ? MqttPayloadFormatIndicator.CharacterData : MqttPayloadFormatIndicator.Unspecified,
            ResponseTopic = line.ResponseTopic,
            CorrelationData = line.CorrelationData,
            MessageExpiryInterval = (uint)Math.Clamp(left, 0, uint.MaxValue),
            UserProperties = line.Properties is { } properties ? [.. properties.Select(p => new MqttUserProperty(p[0], (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(p[1])))] : null,
        };
    }

    private sealed record RetainedLine(
        string Topic, byte[] Payload, int Qos, string? ContentType = null, bool? Text = null, string? ResponseTopic = null, byte[]? CorrelationData = null, DateTimeOffset? Expires = null, string[][]? Properties = null);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
    [JsonSerializable(typeof(RetainedLine))]
    private sealed partial class RetainedJson : JsonSerializerContext;
}
