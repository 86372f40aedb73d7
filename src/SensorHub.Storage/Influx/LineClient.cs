using System.IO.Compression;
using System.Net;
using SensorHub.Storage.LineProtocol;

namespace SensorHub.Storage.Influx;

/// <summary>Text, gzip and HTTP of our own: buffers that stay, no copy of a line but the compressed one.</summary>
internal sealed class LineClient(InfluxOptions options, TimeProvider time) : IWriteClient
{
    private readonly InfluxClient _client = new(options, time);
    private readonly LineBatch _batch = new();
    private readonly MemoryStream _body = new();

    public long NotFinite => _batch.NotFinite;

    public void Clear() => _batch.Clear();

    public LineStatus Add(Point point) => _batch.Add(point);

    public int LengthOf(int line) => _batch[line, 1].Length;

    public async Task<WriteAnswer> WriteAsync(ReadOnlyMemory<int> lines, CancellationToken cancellationToken)
    {
        Compress(lines.Span);
        var body = _body.GetBuffer().AsMemory(0, (int)_body.Length);
        var answer = await _client.WriteAsync(body, cancellationToken).ConfigureAwait(false);
        if (answer is not WriteAnswer.Refused { Status: HttpStatusCode.NotFound } || options is not { CreateDatabase: true, Profile: InfluxProfile.V1 })
            return answer;
        await CreateDatabaseAsync(cancellationToken).ConfigureAwait(false);
        return await _client.WriteAsync(body, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _client.Dispose();
        _batch.Dispose();
        _body.Dispose();
    }

    private void Compress(ReadOnlySpan<int> lines)
    {
        _body.SetLength(0);
        using var gzip = new GZipStream(_body, CompressionLevel.Fastest, leaveOpen: true);
        while (!lines.IsEmpty)
        {
            var run = 1;
            while (run < lines.Length && lines[run] == lines[0] + run)
                run++;
            gzip.Write(_batch[lines[0], run]); // at once: each call crosses into zlib
            lines = lines[run..];
        }
    }

    private Task<bool> CreateDatabaseAsync(CancellationToken cancellationToken) =>
        _client.QueryAsync($"CREATE DATABASE {InfluxQl.Identifier(options.Database)}", async (response, _, token) =>
            response.IsSuccessStatusCode ? true : throw _client.Refusal(response.StatusCode, await response.Content.ReadAsStringAsync(token).ConfigureAwait(false)), cancellationToken);
}
