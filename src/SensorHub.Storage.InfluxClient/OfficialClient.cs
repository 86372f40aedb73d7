using System.Net;
using InfluxDB.Client;
using InfluxDB.Client.Api.Domain;
using InfluxDB.Client.Core.Exceptions;
using InfluxDB.Client.Writes;
using Newtonsoft.Json;
using SensorHub.Core;
using SensorHub.Storage.Influx;
using SensorHub.Storage.LineProtocol;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.InfluxClient;

/// <summary>The official InfluxDB.Client as what an <see cref="InfluxOutput"/> writes with.</summary>
/// <remarks>
/// Its WriteApiAsync, which sends what it is given and says what came of it. Its WriteApi is not used: it keeps an unbounded queue in memory,
/// retries by itself and forgets what it has when the process ends.
/// </remarks>
public sealed class OfficialClient : IWriteClient
{
    // A comment is a line that stores nothing: the package sends no empty body.
    private const string Comment = "# may this client write?";

    private readonly InfluxErrors _errors;
    private readonly InfluxDBClient _client;
    private readonly WriteApiAsync _write;
    private readonly List<Line> _lines = [];
    private long _notFinite;

    private OfficialClient(InfluxOptions options, TimeProvider time)
    {
        options.Validate();
        if (options.Profile != InfluxProfile.V2)
            throw new UserException($"The official client speaks InfluxDB's v2 interface, not {options.Profile.ToString().ToLowerInvariant()}: give profile v2 for {options.Url}, or use the hub's own client.");
        _errors = new InfluxErrors(options, time);
        var builder = InfluxDBClientOptions.Builder.CreateNew()
            .Url(options.Url.AbsoluteUri.TrimEnd('/'))
            .Org(options.Organization)
            .Bucket(options.Database)
            .AllowRedirects(false) // a redirected POST would arrive as a GET
            .TimeOut(options.Timeout + TimeSpan.FromMinutes(1)); // ours comes first, on our own clock
        if (options.Token is { } token)
            builder.AuthenticateToken(token);
        _client = new InfluxDBClient(builder.Build());
        _client.EnableGzip();
        _write = (WriteApiAsync)_client.GetWriteApiAsync();
    }

    /// <summary>An output that writes by the official client. The answers mean the same for its points as with the hub's own.</summary>
    /// <exception cref="UserException">The options are not valid, or not of profile v2, the only one that the package speaks.</exception>
    public static InfluxOutput Output(InfluxOptions options, TimeProvider time) => new(options, new OfficialClient(options, time), time);

    long IWriteClient.NotFinite => _notFinite;

    void IWriteClient.Clear() => _lines.Clear();

    LineStatus IWriteClient.Add(Point point)
    {
        var status = TryConvert(point, out var data);
        if (status == LineStatus.Ok)
            _lines.Add(new Line(data!, LineWriter.LongestLength(point)));
        return status;
    }

    int IWriteClient.LengthOf(int line) => _lines[line].LongestLength;

    Task<WriteAnswer> IWriteClient.WriteAsync(ReadOnlyMemory<int> lines, CancellationToken cancellationToken) => _errors.GuardAsync(async token =>
    {
        try
        {
            if (lines.IsEmpty)
                await _write.WriteRecordAsync(Comment, WritePrecision.Ns, cancellationToken: token).ConfigureAwait(false);
            else
                await _write.WritePointsAsync(Points(lines), cancellationToken: token).ConfigureAwait(false);
            return new WriteAnswer.Accepted();
        }
        catch (HttpException e) when (e.Status == 0)
        {
            token.ThrowIfCancellationRequested();
            throw new HttpRequestException(e.Message, e.InnerException);
        }
        catch (HttpException e)
        {
            var body = e.ErrorBody is { Count: > 0 } json ? json.ToString(Formatting.None) : e.Message;
            return WriteAnswer.Read((HttpStatusCode)e.Status, body, e.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        }
        catch (FormatException)
        {
            // The package reads Retry-After as a number; as a date, the other form of RFC 9110 (10.2.3), it loses the whole answer.
            return new WriteAnswer.Unavailable("it asks to wait until a date, which the official client cannot read", RetryAfter: null);
        }
    }, cancellationToken);

    void IDisposable.Dispose() => _client.Dispose();

    private PointData[] Points(ReadOnlyMemory<int> lines)
    {
        var points = new PointData[lines.Length];
        for (var i = 0; i < points.Length; i++)
            points[i] = _lines[lines.Span[i]].Point;
        return points;
    }

    private LineStatus TryConvert(Point point, out PointData? data)
    {
        data = null;
        var measurement = point.Measurement;
        var builder = PointData.Builder.Measurement(measurement.Name).Timestamp(point.Time.UnixNanoseconds, WritePrecision.Ns);
        for (var i = 0; i < point.Tags.Length; i++)
        {
            if (point.Tags[i] is not { } tag)
                continue;
            if (!Escaping.FitsTag(tag))
                return LineStatus.UnfitTag;
            builder.Tag(measurement.Tags[i].Name, tag);
        }
        var fields = 0;
        for (var i = 0; i < point.Fields.Length; i++)
        {
            ref readonly var value = ref point.Fields[i];
            var name = measurement.Fields[i].Name;
            switch (value.Type)
            {
                case FieldType.Float when !double.IsFinite(value.AsDouble()):
                    _notFinite++;
                    continue;
                case FieldType.Float:
                    builder.Field(name, value.AsDouble());
                    break;
                case FieldType.Integer:
                    builder.Field(name, value.AsInteger());
                    break;
                case FieldType.Boolean:
                    builder.Field(name, value.AsBoolean());
                    break;
                case FieldType.String:
                    builder.Field(name, value.AsString());
                    break;
                default: // absent
                    continue;
            }
            fields++;
        }
        if (fields == 0)
            return LineStatus.NoField;
        data = builder.ToPointData();
        return LineStatus.Ok;
    }

    private sealed record Line(PointData Point, int LongestLength);
}
