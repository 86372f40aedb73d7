using System.Text;
using SensorHub.Core;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Storage.Bridging;

namespace SensorHub.Storage.Tests.Bridging;

public sealed class QuarantineRetryTests : IDisposable
{
    private const string Topic = "sensorhub/1/home/subjects/p1/posture";

    private static readonly string Posture =
        $$"""{"schema":"posture/1","time":"{{Points.Start}}","finality":"live","sensor":"clip-1","phase":"standing","method":"two-element-gravity","quality":"good","lordosis_deg":31}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("sensorhub-retry-").FullName;
    private readonly FakeOutput _store = new(TimeProvider.System);
    private readonly FakeOutput _influx = new(TimeProvider.System);
    private readonly Quarantine _quarantine;

    public QuarantineRetryTests() => _quarantine = Quarantine.Open(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_message_is_stored_where_it_could_not_be_and_nowhere_else()
    {
        var message = SetAside(Bridge.Influx);

        var result = await RetryAsync(message);

        Assert.True(result.IsGone, result.Says);
        Assert.Equal((0, 1, 0), (_store.Stored.Count, _influx.Stored.Count, _quarantine.Count));
        Assert.Equal(31, _influx.Stored[0]["lordosis_deg"].AsDouble());
    }

    [Fact]
    public async Task A_message_of_an_output_that_nobody_knows_goes_to_every_one()
    {
        var result = await RetryAsync(SetAside(Slug.Parse("elsewhere")));

        Assert.Equal((true, 1, 1, 0), (result.IsGone, _store.Stored.Count, _influx.Stored.Count, _quarantine.Count));
    }

    [Fact]
    public async Task What_the_database_still_refuses_is_kept_under_its_id_with_the_new_reason()
    {
        _influx.IsBad = _ => true;
        var message = SetAside(Bridge.Influx);

        var result = await RetryAsync(message);

        Assert.Equal((false, "is kept: field-type-conflict: said the fake"), (result.IsGone, result.Says));
        Assert.Equivalent(message with { Reason = "field-type-conflict", Detail = "said the fake" }, Assert.Single(List()), strict: true);
    }

    [Fact]
    public async Task What_is_still_no_payload_is_kept_and_no_output_hears_of_it()
    {
        var result = await RetryAsync(SetAside(Bridge.Influx, payload: "Dear Sir or Madam"));

        Assert.False(result.IsGone);
        Assert.Equal(Poison.NotJson, Assert.Single(List()).Reason);
        Assert.Empty(_influx.Tries);
    }

    [Fact]
    public async Task An_output_that_is_away_is_asked_once_and_holds_up_no_other()
    {
        _influx.Failure = _ => new OutputException("No InfluxDB listens there.", OutputFault.Unavailable);
        var retry = Retry();

        Assert.Equal("is kept: No InfluxDB listens there", (await retry.TryAsync(SetAside(Bridge.Influx), Token)).Says);
        Assert.False((await retry.TryAsync(SetAside(Bridge.Influx, payload: Posture + " "), Token)).IsGone);
        Assert.True((await retry.TryAsync(SetAside(Bridge.Store), Token)).IsGone);

        Assert.Single(_influx.Tries);
        Assert.Equal([("influx", "beyond-retention"), ("influx", "beyond-retention")], List().Select(m => (m.Output, m.Reason)));
    }

    [Fact]
    public async Task An_output_that_was_not_named_is_asked_for()
    {
        var message = SetAside(Bridge.Influx);

        var result = await new QuarantineRetry(_quarantine, [(Bridge.Store, _store)]).TryAsync(message, Token);

        Assert.Contains("--influx", result.Says, StringComparison.Ordinal);
        Assert.Equal((0, 1), (_store.Stored.Count, _quarantine.Count));
    }

    [Fact]
    public async Task A_message_of_which_only_the_beginning_was_kept_stays()
    {
        var result = await RetryAsync(SetAside(Bridge.Influx, payload: new string('x', QuarantinedMessage.MaxPayloadBytes + 1)));

        Assert.Contains("dropped", result.Says, StringComparison.Ordinal);
        Assert.Equal(1, _quarantine.Count);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private QuarantineRetry Retry() => new(_quarantine, [(Bridge.Store, _store), (Bridge.Influx, _influx)]);

    private Task<RetryResult> RetryAsync(QuarantinedMessage message) => Retry().TryAsync(message, Token);

    private QuarantinedMessage SetAside(Slug output, string? payload = null)
    {
        var message = QuarantinedMessage.From(
            new ReceivedMessage(Topic, Encoding.UTF8.GetBytes(payload ?? Posture), [new("outbox", "box/7")]), output, "beyond-retention", "too old", Points.Start.ToDateTimeOffset());
        _quarantine.Add(message);
        return message;
    }

    private IReadOnlyList<QuarantinedMessage> List() => _quarantine.List(trouble => Assert.Fail(trouble));
}
