using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Tests.Contract;
using static SensorHub.Mqtt.Tests.TestBroker;

namespace SensorHub.Mqtt.Tests.Broker;

public sealed class BrokerEndpointTests
{
    private static async Task<(WebApplication App, string Host)> ServeAsync(EmbeddedBroker broker)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapMqtt(broker);
        await app.StartAsync(Patience.Token);
        return (app, new Uri(app.Urls.Single()).Authority);
    }

    private static MqttClientOptions Options(string host, MqttConnection account, string? origin = null)
    {
        var options = new MqttClientOptionsBuilder().WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).WithClientId("browser")
            .WithWebSocketServer(o =>
            {
                o.WithUri($"ws://{host}/mqtt");
                if (origin is not null)
                    o.WithRequestHeaders(new Dictionary<string, string> { ["Origin"] = origin });
            });
        if (account.User is not null)
            options.WithCredentials(account.User, account.Password);
        return options.Build();
    }

    [Fact]
    public async Task A_client_over_WebSocket_reads_what_the_hub_publishes_over_TCP_and_commands_it()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        var (app, host) = await ServeAsync(broker.Embedded);
        await using var _ = app;
        using var browser = new MqttClientFactory().CreateMqttClient();
        var arrived = new TaskCompletionSource<MqttApplicationMessage>();
        browser.ApplicationMessageReceivedAsync += e =>
        {
            arrived.TrySetResult(e.ApplicationMessage);
            return Task.CompletedTask;
        };
        var connected = await browser.ConnectAsync(Options(host, broker.Embedded.Connection(BrokerRole.Control), origin: $"http://{host}"), Patience.Token);
        Assert.Equal(MqttClientConnectResultCode.Success, connected.ResultCode);
        await browser.SubscribeAsync($"{Topics.Root}/+/subjects/#", MqttQualityOfServiceLevel.AtLeastOnce, Patience.Token);
        var (hub, commands) = await broker.ReaderAsync(Topics.Command(Samples.Hub));
        await using var __ = hub;
        var messages = new HubMessages(Samples.Hub);

        var feature = Samples.All.First().Feature;
        await hub.PublishAsync(messages.Write(feature), Patience.Token);
        var message = await arrived.Task.WaitAsync(Patience.Token);
        Assert.Equal(FeaturePayloads.From(feature), PayloadReader.Read(message.Topic, message.PayloadSegment()).Payload);

        await browser.PublishAsync(messages.Command(new Marker.StandCalibration(TimeSpan.FromSeconds(5))), Patience.Token);
        Assert.Equal(new Marker.StandCalibration(TimeSpan.FromSeconds(5)), Commands.Read((await commands.NextAsync()).Payload.Span).Marker);
    }

    [Fact]
    public async Task A_client_over_WebSocket_needs_an_account_too()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        var (app, host) = await ServeAsync(broker.Embedded);
        await using var _ = app;
        using var browser = new MqttClientFactory().CreateMqttClient();
        var result = await browser.ConnectAsync(Options(host, broker.Connection with { User = null }), Patience.Token);
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, result.ResultCode);
        result = await browser.ConnectAsync(Options(host, broker.Connection with { Password = "x" }), Patience.Token);
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, result.ResultCode);
    }

    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    [InlineData("http://127.0.0.1:1", false)]
    [InlineData("https://clinic.example", true)]
    public async Task Pages_of_other_sites_are_refused_unless_allowed(string origin, bool allowed)
    {
        await using var broker = await StartAsync(BrokerKind.Embedded, new() { AllowedOrigins = ["https://clinic.example"] });
        var (app, host) = await ServeAsync(broker.Embedded);
        await using var _ = app;
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("mqtt");
        socket.Options.SetRequestHeader("Origin", origin);
        socket.Options.CollectHttpResponseDetails = true;
        var connecting = socket.ConnectAsync(new Uri($"ws://{host}/mqtt"), Patience.Token);
        if (allowed)
        {
            await connecting;
            Assert.Equal("mqtt", socket.SubProtocol);
            return;
        }
        await Assert.ThrowsAsync<WebSocketException>(() => connecting);
        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }

    [Fact]
    public async Task A_plain_request_is_told_what_this_is()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        var (app, host) = await ServeAsync(broker.Embedded);
        await using var _ = app;
        using var http = new HttpClient();
        using var answer = await http.GetAsync($"http://{host}/mqtt", Patience.Token);
        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
        Assert.Equal("This is MQTT over WebSocket, subprotocol 'mqtt'.", await answer.Content.ReadAsStringAsync(Patience.Token));
    }

    [Fact]
    public async Task An_open_connection_does_not_hold_up_the_end_of_the_web_server()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        var (app, host) = await ServeAsync(broker.Embedded);
        using var browser = new MqttClientFactory().CreateMqttClient();
        var gone = new TaskCompletionSource();
        browser.DisconnectedAsync += _ =>
        {
            gone.TrySetResult();
            return Task.CompletedTask;
        };
        await browser.ConnectAsync(Options(host, broker.Connection), Patience.Token);
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(10), TimeProvider.System);
        await app.StopAsync(soon.Token);
        Assert.False(soon.IsCancellationRequested);
        await gone.Task.WaitAsync(Patience.Token);
        await app.DisposeAsync();
    }
}
