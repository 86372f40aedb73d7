using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Tests.Outbox;
using static SensorHub.Mqtt.Tests.TestBroker;

namespace SensorHub.Mqtt.Tests.Connecting;

public sealed class MqttLinkTests
{
    private static readonly HubMessages Messages = new(Slug.Parse("hub"));

    private static MqttLinkOptions WithPresence(MqttLinkOptions options) =>
        options with { Presence = online => Messages.Status(online, new Timestamp(1_700_000_000_000_000_000), "1.2.3") };

    private static async Task<bool> OnlineAsync(Mqtt.Subscribing.MqttSubscription watcher)
    {
        var message = await watcher.NextAsync();
        return Assert.IsType<HubStatus>(PayloadReader.Read(message.Topic, message.Payload.Span).Payload).Online;
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task Birth_says_online_and_leaving_says_offline(BrokerKind kind)
    {
        await using var broker = await StartAsync(kind);
        var (watching, watcher) = await broker.ReaderAsync("sensorhub/1/hub/status");
        await using var _ = watching;
        await using (var hub = broker.Link("hub", WithPresence))
        {
            await hub.ConnectAsync(Patience.Token);
            Assert.True(await OnlineAsync(watcher));
        }
        Assert.False(await OnlineAsync(watcher));
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task A_hub_that_vanishes_is_said_to_be_offline_by_its_will_and_that_is_retained(BrokerKind kind)
    {
        await using var broker = await StartAsync(kind);
        var (watching, watcher) = await broker.ReaderAsync("sensorhub/1/hub/status");
        await using var _ = watching;
        await using var way = new Relay(broker.Connection.Port);
        await using var hub = new MqttLink(broker.Connection with { Port = way.Port }, WithPresence(new() { ClientId = "hub" }), TimeProvider.System);
        await hub.ConnectAsync(Patience.Token);
        Assert.True(await OnlineAsync(watcher));

        way.Cut();

        Assert.False(await OnlineAsync(watcher));
        var (late, retained) = await broker.ReaderAsync("sensorhub/1/hub/status", id: "late");
        await using var __ = late;
        var message = await retained.NextAsync();
        Assert.True(message.Retained);
        Assert.Equal("application/json", message.ContentType);
        Assert.Contains("\"online\":false", message.Text());
    }

    [Fact]
    public async Task A_hub_that_is_back_within_the_wills_delay_was_never_said_to_be_offline()
    {
        await using var broker = await StartAsync(BrokerKind.Mosquitto);
        var (watching, watcher) = await broker.ReaderAsync("sensorhub/1/hub/status");
        await using var _ = watching;
        await using var way = new Relay(broker.Connection.Port);
        await using var hub = new MqttLink(
            broker.Connection with { Port = way.Port },
            WithPresence(new() { ClientId = "hub", SessionExpiry = TimeSpan.FromMinutes(10), WillDelay = TimeSpan.FromMinutes(5), FirstRetry = TimeSpan.FromMilliseconds(10) }),
            TimeProvider.System);
        await hub.ConnectAsync(Patience.Token);
        Assert.True(await OnlineAsync(watcher));

        way.Cut();

        await Patience.Until(() => hub.Connections == 2, "the hub is back");
        Assert.True(await OnlineAsync(watcher)); // and no word of offline before it
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task After_the_broker_was_killed_and_started_again_the_link_is_back_and_subscribed(BrokerKind kind)
    {
        await using var broker = await StartAsync(kind);
        await using var link = broker.Link("link", WithPresence);
        var subscription = link.Subscribe("sensorhub/#");
        await link.ConnectAsync(Patience.Token);
        Assert.True(await OnlineAsync(subscription));

        await broker.StopAsync();
        await Patience.Until(() => link.Fault is not null, "the link knows that it is down");
        Assert.False(link.IsConnected);
        await broker.StartAgainAsync();

        await link.WhenConnectedAsync(Patience.Token);
        Assert.Equal(2, link.Connections);
        Assert.Null(link.Fault);
        Assert.True(await OnlineAsync(subscription));
        await link.PublishAsync(Message("sensorhub/x", "again"), Patience.Token);
        Assert.Equal("again", (await subscription.NextAsync()).Text());
    }

    [Fact]
    public async Task A_connection_that_is_lost_again_and_again_is_said_ever_less_often()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        await using var way = new Relay(broker.Connection.Port);
        var log = new Lines();
        await using var link = new MqttLink(
            broker.Connection with { Port = way.Port }, new() { ClientId = "link", FirstRetry = TimeSpan.FromMilliseconds(1) }, new StandingClock(), new Logger<MqttLink>(new Factory(log)));
        await link.ConnectAsync(Patience.Token);
        for (var losses = 1; losses <= 9; losses++)
        {
            way.Cut();
            await Patience.Until(() => link.Connections == losses + 1, "the link is back");
        }
        string[] said = ["Reconnecting.", "2 times so far.", "4 times so far.", "8 times so far."];
        var warnings = log.All.Where(l => l.Contains("was lost", StringComparison.Ordinal)).ToList();
        Assert.Equal(said.Length, warnings.Count);
        Assert.All(said.Zip(warnings), pair => Assert.EndsWith(pair.First, pair.Second, StringComparison.Ordinal));
        Assert.Equal(5, log.All.Count(l => l.StartsWith("Connected", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_link_that_was_started_waits_for_a_broker_that_comes_later()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        await broker.StopAsync();
        await using var link = broker.Link("early");
        link.Start();
        await Patience.Until(() => link.Fault is not null, "the first try failed");
        Assert.Contains("No MQTT broker listens at 127.0.0.1:", link.Fault);
        await broker.StartAgainAsync();
        await link.WhenConnectedAsync(Patience.Token);
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task A_wrong_password_is_one_clear_line(BrokerKind kind)
    {
        await using var broker = await StartAsync(kind);
        await using var link = new MqttLink(broker.Connection with { Password = "wrong" }, new() { ClientId = "x" }, TimeProvider.System);
        var error = await Assert.ThrowsAsync<MqttLinkException>(() => link.ConnectAsync(Patience.Token));
        Assert.Equal($"The MQTT broker at 127.0.0.1:{broker.Connection.Port} refuses user 'hub': check the user name and the password.", error.Message);
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task A_client_without_an_account_is_refused_and_told_what_is_missing(BrokerKind kind)
    {
        await using var broker = await StartAsync(kind);
        await using var link = new MqttLink(broker.Connection with { User = null, Password = null }, new() { ClientId = "x" }, TimeProvider.System);
        var error = await Assert.ThrowsAsync<MqttLinkException>(() => link.ConnectAsync(Patience.Token));
        Assert.EndsWith("wants a user name and a password: give both.", error.Message);
        var (_, old) = await PlainAsync(broker.Connection with { User = null }, MqttProtocolVersion.V311);
        Assert.NotEqual(MqttClientConnectResultCode.Success, old.ResultCode);
    }

    [Fact]
    public async Task An_unknown_host_and_a_closed_port_are_one_clear_line_each()
    {
        await using var unknown = new MqttLink(new("no-such-host.invalid", 1883, null, null), new() { ClientId = "x" }, TimeProvider.System);
        Assert.Equal("The MQTT broker's host 'no-such-host.invalid' is unknown: check its name.",
            (await Assert.ThrowsAsync<MqttLinkException>(() => unknown.ConnectAsync(Patience.Token))).Message);

        var port = ServerProcess.FreePort();
        await using var closed = new MqttLink(new("127.0.0.1", port, null, null), new() { ClientId = "x" }, TimeProvider.System);
        Assert.Equal($"No MQTT broker listens at 127.0.0.1:{port}: start one, or check host and port.",
            (await Assert.ThrowsAsync<MqttLinkException>(() => closed.ConnectAsync(Patience.Token))).Message);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up_after_the_time_out()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        await using var link = new MqttLink(new("127.0.0.1", port, null, null), new() { ClientId = "x", Timeout = TimeSpan.FromMilliseconds(200) }, TimeProvider.System);
        var error = await Assert.ThrowsAsync<MqttLinkException>(() => link.ConnectAsync(Patience.Token));
        Assert.Equal($"The MQTT broker at 127.0.0.1:{port} does not answer: check host, port and firewall, and whether it expects TLS.", error.Message);
    }

    [Fact]
    public async Task Publishing_that_is_cancelled_while_the_broker_is_silent_says_that_it_was_cancelled()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Mosquitto);
        await using var way = new Relay(broker.Connection.Port);
        await using var link = new MqttLink(broker.Connection with { Port = way.Port }, new() { ClientId = "x" }, TimeProvider.System);
        await link.ConnectAsync(Patience.Token);
        way.Strand();
        using var cancel = new CancellationTokenSource();

        var publishing = link.PublishAsync(new MqttApplicationMessageBuilder().WithTopic("sensorhub/1/home/status").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), cancel.Token);
        Assert.False(publishing.IsCompleted);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing.WaitAsync(Patience.Token));
    }

    [Fact]
    public async Task Tls_works_with_a_trusted_authority_and_fails_clearly_without()
    {
        var folder = ServerProcess.NewFolder();
        var (certificate, key) = SelfSigned(folder);
        await using var broker = await MosquittoServer.StartAsync(certificate, key);
        var plain = new MqttConnection("localhost", broker.Port, MosquittoServer.User, MosquittoServer.Password);

        await using var trusted = new MqttLink(plain with { Tls = true, CertificateAuthority = certificate }, new() { ClientId = "x", Timeout = TimeSpan.FromMinutes(1) }, TimeProvider.System);
        await trusted.ConnectAsync(Patience.Token);

        await using var stranger = new MqttLink(plain with { Tls = true }, new() { ClientId = "y", Timeout = TimeSpan.FromMinutes(1) }, TimeProvider.System);
        Assert.StartsWith($"The MQTT broker at localhost:{broker.Port} is not trusted: its certificate was issued by 'CN=localhost', which this computer does not trust.",
            (await Assert.ThrowsAsync<MqttLinkException>(() => stranger.ConnectAsync(Patience.Token))).Message);

        await using var unencrypted = new MqttLink(plain, new() { ClientId = "z", Timeout = TimeSpan.FromSeconds(2) }, TimeProvider.System);
        Assert.Contains("TLS", (await Assert.ThrowsAsync<MqttLinkException>(() => unencrypted.ConnectAsync(Patience.Token))).Message);

        await using var missing = new MqttLink(plain with { Tls = true, CertificateAuthority = folder + "/none.pem" }, new() { ClientId = "w" }, TimeProvider.System);
        Assert.Contains("Give a PEM file.", (await Assert.ThrowsAsync<MqttLinkException>(() => missing.ConnectAsync(Patience.Token))).Message);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Shared_subscriptions_split_the_messages_on_mosquitto_and_are_refused_clearly_by_the_embedded_broker()
    {
        var filter = Topics.Shared(Slug.Parse("bridge"), Topics.All);
        await using var broker = await StartAsync(BrokerKind.Mosquitto);
        var (a, first) = await broker.ReaderAsync(filter, id: "a");
        var (b, second) = await broker.ReaderAsync(filter, id: "b");
        for (var i = 0; i < 20; i++)
            await a.PublishAsync(Message("sensorhub/1/x", $"{i}"), Patience.Token);
        await Patience.Until(() => first.Received + second.Received == 20, "each message went to one of the two");
        Assert.True(first.Received > 0 && second.Received > 0);
        await a.DisposeAsync();
        await b.DisposeAsync();

        await using var embedded = await StartAsync(BrokerKind.Embedded);
        var error = await Assert.ThrowsAsync<MqttLinkException>(() => embedded.ReaderAsync(filter));
        Assert.Contains("has no shared subscriptions", error.Message);
    }

    [Fact]
    public async Task The_password_is_not_in_the_text_of_a_connection()
    {
        Assert.Equal("mqtts://hub@broker:8883", new MqttConnection("broker", 8883, "hub", "secret", Tls: true).ToString());
        await using var broker = await StartAsync(BrokerKind.Embedded);
        Assert.DoesNotContain(broker.Connection.Password!, broker.Connection.ToString());
    }

    /// <summary>However slow the machine, no connection lasts.</summary>
    private sealed class StandingClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }

    private sealed class Factory(ILogger logger) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => logger;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }

    private static (string Certificate, string Key) SelfSigned(string folder)
    {
        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        var (file, key) = (Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key"));
        File.WriteAllText(file, certificate.ExportCertificatePem());
        File.WriteAllText(key, rsa.ExportPkcs8PrivateKeyPem());
        return (file, key);
    }
}
