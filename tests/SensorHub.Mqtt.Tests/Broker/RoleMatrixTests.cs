using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Mqtt.Broker;

namespace SensorHub.Mqtt.Tests.Broker;

/// <summary>Each role at each kind of topic, publishing and subscribing: what comes through is what the grid says, at our broker and at mosquitto, with TLS, in both versions of MQTT.</summary>
public sealed class RoleMatrixTests
{
    private static readonly string[] Roles = ["hub", "bridge", "control", "reader", "lab", "homeassistant"];

    /// <summary>Written by hand, not from the table. r: reads, w: publishes. The hub is the one called home.</summary>
    private const string Grid = """
        topic                                      hub  bridge  control  reader  lab  homeassistant
        sensorhub/1/home/status                    rw   r       r        r       r    r
        sensorhub/1/home/clock                     rw   r       r        r       r    r
        sensorhub/1/home/sensors/clip/status       rw   r       r        r       r    r
        sensorhub/1/home/subjects/me/posture       rw   r       r        r       r    r
        sensorhub/1/home/subjects/me/session       rw   r       r        r       r    r
        sensorhub/1/home/frames/clip               rw   r       r        -       r    -
        sensorhub/1/home/frames/clip/descriptor    rw   r       r        -       r    -
        sensorhub/1/home/command                   rw   r       w        -       -    -
        sensorhub/1/home/stored                    rw   rw      -        -       -    -
        sensorhub/1/home/delivered                 rw   r       -        -       -    -
        sensorhub/1/clinic/status                  -    r       r        r       r    r
        sensorhub/1/clinic/subjects/p017/rolling   -    r       r        r       r    r
        sensorhub/1/clinic/frames/roller           -    r       r        -       r    -
        sensorhub/1/clinic/command                 -    r       w        -       -    -
        sensorhub/1/clinic/stored                  -    rw      -        -       -    -
        sensorhub/1/home/subjects                  rw   r       r        r       r    r
        sensorhub/1/home                           rw   r       -        -       -    -
        sensorhub/1/home/x/command                 rw   r       -        -       -    -
        sensorhub/1                                -    r       -        -       -    -
        sensorhub/2/home/status                    -    -       -        -       -    -
        Sensorhub/1/home/status                    -    -       -        -       -    -
        /sensorhub/1/home/status                   -    -       -        -       -    -
        homeassistant/status                       r    -       -        -       -    rw
        sensorhub/1/home/home/clip                 rw   r       -        -       -    r
        homeassistant/device/home-clip/config      rw   -       -        -       -    r
        homeassistant/sensor/clip/lordosis/config  -    -       -        -       -    r
        somebody/elses                             -    -       -        -       -    -
        status                                     -    -       -        -       -    -
        """;

    [Theory]
    [InlineData(BrokerKind.Embedded, MqttProtocolVersion.V500)]
    [InlineData(BrokerKind.Embedded, MqttProtocolVersion.V311)]
    [InlineData(BrokerKind.Mosquitto, MqttProtocolVersion.V500)]
    [InlineData(BrokerKind.Mosquitto, MqttProtocolVersion.V311)]
    public async Task What_is_published_arrives_where_the_grid_says_w_and_nowhere_else(BrokerKind kind, MqttProtocolVersion version)
    {
        await using var broker = await SecuredBroker.StartAsync(kind);
        var (watching, heard) = await broker.ReceiverAsync("witness", version, "#");
        using var witness = watching;
        foreach (var (role, i) in Roles.Select((role, i) => (role, i)))
        {
            foreach (var (topic, cells) in Cells())
            {
                // A connection for each: mosquitto 2.0.11 answers a message that is not allowed, and hangs up.
                using var client = await broker.ConnectAsync(role, version);
                var result = await client.PublishAsync(TestBroker.Message(topic, role), Patience.Token);
                if (version == MqttProtocolVersion.V500)
                    Assert.Equal((topic, role, cells[i].Contains('w', StringComparison.Ordinal)), (topic, role, result.ReasonCode != MqttClientPublishReasonCode.NotAuthorized));
            }
        }
        await witness.PublishAsync(TestBroker.Message("sensorhub/1/home/status", "end"), Patience.Token);
        await Patience.Until(() => heard.Contains(("sensorhub/1/home/status", "end")), "the witness hears itself");

        var expected = Cells().SelectMany(row => Roles.Where((_, i) => row.Cells[i].Contains('w', StringComparison.Ordinal)).Select(role => (row.Topic, role)));
        Assert.Equal(Sorted(expected), Sorted(heard.Where(h => h.Text != "end")));
    }

    [Theory]
    [InlineData(BrokerKind.Embedded, MqttProtocolVersion.V500)]
    [InlineData(BrokerKind.Embedded, MqttProtocolVersion.V311)]
    [InlineData(BrokerKind.Mosquitto, MqttProtocolVersion.V500)]
    [InlineData(BrokerKind.Mosquitto, MqttProtocolVersion.V311)]
    public async Task What_is_subscribed_to_arrives_where_the_grid_says_r_and_nowhere_else(BrokerKind kind, MqttProtocolVersion version)
    {
        await using var broker = await SecuredBroker.StartAsync(kind);
        using var witness = await broker.ConnectAsync("witness", version);
        // Retained: what was there before the subscription is as closed as what comes after.
        foreach (var (topic, _) in Cells())
            await witness.PublishAsync(TestBroker.Message(topic, "kept", retain: true), Patience.Token);

        foreach (var (role, i) in Roles.Select((role, i) => (role, i)))
        {
            var readable = Cells().Where(row => row.Cells[i].Contains('r', StringComparison.Ordinal)).Select(row => row.Topic).ToList();
            var (one, heard) = await broker.ReceiverAsync(role, version);
            using var client = one;
            foreach (var (topic, cells) in Cells())
            {
                var code = await SubscribeAsync(client, topic);
                if (kind == BrokerKind.Embedded)
                    Assert.Equal((topic, role, cells[i].Contains('r', StringComparison.Ordinal)), (topic, role, code == MqttClientSubscribeResultCode.GrantedQoS1));
            }
            await HearsAsync(witness, heard, readable);
            Assert.Equal(Sorted(readable.Select(topic => (topic, "kept"))), Sorted(heard.Where(h => h.Text == "kept")));

            // Everything at once: ours refuses it, mosquitto grants it and hands on what may be read.
            var (two, wide) = await broker.ReceiverAsync(role, version);
            using var greedy = two;
            var granted = await SubscribeAsync(greedy, "#");
            Assert.Equal(kind == BrokerKind.Mosquitto, granted == MqttClientSubscribeResultCode.GrantedQoS1);
            if (kind == BrokerKind.Embedded)
            {
                Assert.Equal(version == MqttProtocolVersion.V500 ? MqttClientSubscribeResultCode.NotAuthorized : MqttClientSubscribeResultCode.UnspecifiedError, granted);
                await SubscribeAsync(greedy, RoleTable.All[i].Of(Slug.Parse("home")).Reads);
            }
            await HearsAsync(witness, wide, readable);
            Assert.Equal(Sorted(readable.Select(topic => (topic, "kept"))), Sorted(wide.Where(h => h.Text == "kept")));
        }
    }

    [Fact]
    public async Task A_bridge_may_share_its_subscription_with_others_at_mosquitto()
    {
        await using var broker = await SecuredBroker.StartAsync(BrokerKind.Mosquitto);
        var (a, first) = await broker.ReceiverAsync("bridge", MqttProtocolVersion.V500, "$share/bridge/sensorhub/1/#");
        var (b, second) = await broker.ReceiverAsync("bridge", MqttProtocolVersion.V500, "$share/bridge/sensorhub/1/#");
        using var hub = await broker.ConnectAsync("hub", MqttProtocolVersion.V500);
        for (var i = 0; i < 20; i++)
            await hub.PublishAsync(TestBroker.Message("sensorhub/1/home/subjects/me/posture", i.ToString(CultureInfo.InvariantCulture)), Patience.Token);
        await Patience.Until(() => first.Count + second.Count == 20, "each message went to one of the two");
        Assert.True(first.Count > 0 && second.Count > 0);
        a.Dispose();
        b.Dispose();
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task Nobody_reads_the_brokers_own_topics(BrokerKind kind)
    {
        await using var broker = await SecuredBroker.StartAsync(kind);
        using var witness = await broker.ConnectAsync("witness", MqttProtocolVersion.V500);
        foreach (var role in Roles)
        {
            var (client, heard) = await broker.ReceiverAsync(role, MqttProtocolVersion.V500);
            foreach (var filter in new[] { "$SYS/#", "$SYS/broker/version", "$SYS/+/version" })
                await SubscribeAsync(client, filter);
            await SubscribeAsync(client, "sensorhub/1/home/status");
            await HearsAsync(witness, heard, ["sensorhub/1/home/status"]);
            client.Dispose();
        }
    }

    [Theory]
    [InlineData(BrokerKind.Embedded, "mqttv5")]
    [InlineData(BrokerKind.Embedded, "mqttv311")]
    [InlineData(BrokerKind.Mosquitto, "mqttv5")]
    [InlineData(BrokerKind.Mosquitto, "mqttv311")]
    public async Task Mosquittos_tools_get_in_by_TLS_with_the_private_authority_and_a_password(BrokerKind kind, string version)
    {
        var (pub, sub) = (Require.Program("mosquitto_pub", "mosquitto-clients"), Require.Program("mosquitto_sub", "mosquitto-clients"));
        await using var broker = await SecuredBroker.StartAsync(kind);
        using var witness = await broker.ConnectAsync("witness", MqttProtocolVersion.V500);
        await witness.PublishAsync(TestBroker.Message("sensorhub/1/home/status", "kept", retain: true), Patience.Token);

        Assert.Equal((0, "sensorhub/1/home/status kept"), await RunAsync(sub, [.. broker.Arguments("reader", version), "-t", "sensorhub/1/+/status", "-v", "-C", "1", "-W", "30"]));
        Assert.Equal(0, (await RunAsync(pub, [.. broker.Arguments("control", version), "-t", "sensorhub/1/home/command", "-q", "1", "-m", "{}"])).ExitCode);
        string[] wrong = [.. broker.Arguments("control", version)];
        wrong[Array.IndexOf(wrong, "-P") + 1] = "wrong";
        Assert.NotEqual(0, (await RunAsync(pub, [.. wrong, "-t", "sensorhub/1/home/command", "-q", "1", "-m", "{}"])).ExitCode);
    }

    private static IEnumerable<(string Topic, string[] Cells)> Cells() =>
        Grid.Split('\n').Skip(1).Select(row => row.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(row => (row[0], row[1..]));

    /// <summary>Each topic's new message arrives once, or not at all.</summary>
    private static async Task HearsAsync(IMqttClient witness, Heard heard, List<string> readable)
    {
        foreach (var (topic, _) in Cells())
            await witness.PublishAsync(TestBroker.Message(topic, "new"), Patience.Token);
        await witness.PublishAsync(TestBroker.Message("sensorhub/1/home/status", "end"), Patience.Token);
        await Patience.Until(() => heard.Contains(("sensorhub/1/home/status", "end")), "the last message arrives");
        Assert.Equal(Sorted(readable.Select(topic => (topic, "new"))), Sorted(heard.Where(h => h.Text == "new")));
        Assert.Empty(heard.Where(h => !readable.Contains(h.Topic)));
    }

    private static async Task<MqttClientSubscribeResultCode> SubscribeAsync(IMqttClient client, params IReadOnlyList<string> filters)
    {
        var options = new MqttClientSubscribeOptions();
        options.TopicFilters.AddRange(filters.Select(filter => new MqttTopicFilter { Topic = filter, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce }));
        return (await client.SubscribeAsync(options, Patience.Token)).Items.First().ResultCode;
    }

    private static List<(string, string)> Sorted(IEnumerable<(string, string)> pairs) => [.. pairs.OrderBy(p => p.Item1, StringComparer.Ordinal).ThenBy(p => p.Item2, StringComparer.Ordinal)];

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(Patience.Token);
        await process.WaitForExitAsync(Patience.Token);
        return (process.ExitCode, output.TrimEnd());
    }

    /// <summary>What a client received. Filled by its thread.</summary>
    private sealed class Heard
    {
        private readonly List<(string Topic, string Text)> _messages = [];

        public int Count => Where(_ => true).Count;

        public bool Contains((string, string) message) => Where(m => m == message).Count > 0;

        public List<(string Topic, string Text)> Where(Func<(string Topic, string Text), bool> condition)
        {
            lock (_messages)
                return [.. _messages.Where(condition)];
        }

        public void Add(MqttApplicationMessage message)
        {
            lock (_messages)
                _messages.Add((message.Topic, message.Text()));
        }
    }

    /// <summary>A broker with TLS and an account of each role, and a witness who may do everything.</summary>
    private sealed class SecuredBroker : IAsyncDisposable
    {
        private const string WitnessPassword = "the witness may do everything";

        private readonly PrivateAuthority _authority = new();
        private readonly string _folder = ServerProcess.NewFolder();
        private IReadOnlyList<BrokerAccount> _accounts = [];
        private EmbeddedBroker? _embedded;
        private ServerProcess? _mosquitto;
        private int _port;

        public static async Task<SecuredBroker> StartAsync(BrokerKind kind)
        {
            var broker = new SecuredBroker();
            if (kind == BrokerKind.Embedded)
                await broker.StartEmbeddedAsync();
            else
                await broker.StartMosquittoAsync();
            return broker;
        }

        public string[] Arguments(string role, string version)
        {
            var account = Account(role);
            return ["-h", "localhost", "-p", $"{_port}", "--cafile", _authority.Authority, "-V", version, "-u", account.User, "-P", account.Password];
        }

        public async Task<IMqttClient> ConnectAsync(string role, MqttProtocolVersion version, IMqttClient? client = null)
        {
            var account = Account(role);
            client ??= new MqttClientFactory().CreateMqttClient();
            var options = new MqttClientOptionsBuilder().WithProtocolVersion(version).WithClientId($"test-{Guid.NewGuid():N}")
                .WithTcpServer("localhost", _port).WithCredentials(account.User, account.Password)
                .WithTlsOptions(tls => tls.UseTls().WithTrustChain([X509CertificateLoader.LoadCertificateFromFile(_authority.Authority)]).WithRevocationMode(X509RevocationMode.NoCheck))
                .Build();
            var result = await client.ConnectAsync(options, Patience.Token);
            Assert.Equal(MqttClientConnectResultCode.Success, result.ResultCode);
            return client;
        }

        public async Task<(IMqttClient Client, Heard Heard)> ReceiverAsync(string role, MqttProtocolVersion version, params string[] filters)
        {
            var (client, heard) = (new MqttClientFactory().CreateMqttClient(), new Heard());
            client.ApplicationMessageReceivedAsync += e =>
            {
                heard.Add(e.ApplicationMessage);
                return Task.CompletedTask;
            };
            await ConnectAsync(role, version, client);
            if (filters.Length > 0)
                Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await SubscribeAsync(client, filters));
            return (client, heard);
        }

        public async ValueTask DisposeAsync()
        {
            if (_embedded is not null)
                await _embedded.DisposeAsync();
            if (_mosquitto is not null)
                await _mosquitto.DisposeAsync();
            _authority.Dispose();
            Directory.Delete(_folder, recursive: true);
        }

        private BrokerAccount Account(string role) => _accounts.First(a => role == "witness" ? a.User == role : a.User != "witness" && RoleTable.Of(a.Role).Name == role);

        private async Task StartEmbeddedAsync()
        {
            _accounts = [new("hub-home", BrokerRole.Hub, BrokerCredentials.NewPassword(), "home"), new("witness", BrokerRole.Hub, WitnessPassword), .. BrokerCredentials.Generate().Accounts.Where(a => a.Role != BrokerRole.Hub)];
            var options = new EmbeddedBrokerOptions { Port = 0, Bind = "0.0.0.0", Certificate = _authority.Certificate, CertificateKey = _authority.Key, Limits = new() { MessageBurst = 10_000 } };
            var roles = options.Permissions;
            options = options with { Permissions = a => a.User == "witness" ? roles(a) with { Reads = ["#"], Publishes = ["#"] } : roles(a) };
            _embedded = await EmbeddedBroker.StartAsync(options, new BrokerCredentials(_accounts), TimeProvider.System);
            _port = _embedded.Port;
        }

        private async Task StartMosquittoAsync()
        {
            var program = Require.Program("mosquitto", "mosquitto");
            _port = ServerProcess.FreePort();
            var options = new MosquittoOptions { Hubs = [Slug.Parse("home")], Port = _port, Bind = "127.0.0.1", Certificate = _authority.Certificate, CertificateKey = _authority.Key };
            MosquittoFiles.Write(_folder, options);
            // As an operator adds an account by hand; and written again, the files keep it.
            using (var process = Process.Start(Require.Program("mosquitto_passwd", "mosquitto"), ["-b", Path.Combine(_folder, MosquittoFiles.PasswordFile), "witness", WitnessPassword]))
                await process.WaitForExitAsync(Patience.Token);
            await File.AppendAllTextAsync(Path.Combine(_folder, MosquittoFiles.AclFile), "\nuser witness\ntopic readwrite #\n");
            _accounts = [new("witness", BrokerRole.Hub, WitnessPassword), .. MosquittoFiles.Write(_folder, options).Accounts];
            var main = Path.Combine(_folder, "mosquitto.main");
            await File.WriteAllTextAsync(main, $"user root\npersistence_location {_folder}/\ninclude_dir {_folder}\n");
            _mosquitto = await ServerProcess.StartAsync(program, ["-c", main], token => ServerProcess.ListensAsync(_port, token));
        }
    }
}
