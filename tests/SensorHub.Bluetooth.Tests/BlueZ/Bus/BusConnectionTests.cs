using System.Collections;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CsCheck;
using SensorHub.Bluetooth.BlueZ.Bus;
using SensorHub.Testing;

namespace SensorHub.Bluetooth.Tests.BlueZ.Bus;

/// <summary>Two connections to a real bus, one of which serves what the other calls.</summary>
public sealed class BusConnectionTests : IAsyncLifetime
{
    private const string Interface = "org.example.Peer";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private DBusDaemon _daemon = null!;
    private BusConnection _server = null!;
    private BusConnection _client = null!;

    public async ValueTask InitializeAsync()
    {
        _daemon = await DBusDaemon.StartAsync();
        _server = await BusConnection.OpenAsync(_daemon.Address);
        _client = await BusConnection.OpenAsync(_daemon.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        await _daemon.DisposeAsync();
    }

    [Fact]
    public async Task A_value_of_every_type_comes_back_as_it_was_sent()
    {
        using var echo = _server.Serve("/echo", message => Task.FromResult<BusBody?>(BusBody.Of(message.Signature, [.. message.Values])));
        var samples = new List<Value>();
        AnyValue(3).Array[0, 4].Sample(values => { lock (samples) samples.AddRange(values); }, iter: 300, threads: 1);
        foreach (var group in samples.Chunk(5))
        {
            var signature = string.Concat(group.Select(v => v.Type));
            if (signature.Length > 200)
                continue; // the specification's limit is 255
            object[] sent = [.. group.Select(v => v.Item)];
            var answer = await CallAsync("/echo/any", BusBody.Of(signature, sent));
            Assert.Equal(signature, answer.Signature);
            Assert.Equal(sent.Select(Text), answer.Values.Select(Text));
        }
    }

    [Fact]
    public async Task An_error_arrives_with_its_name_and_text()
    {
        using var served = _server.Serve("/", _ => throw new BusErrorException("org.bluez.Error.InProgress", "Operation already in progress"));
        var error = await Assert.ThrowsAsync<BusErrorException>(() => CallAsync("/any"));
        Assert.Equal("org.bluez.Error.InProgress", error.Name);
        Assert.Equal("Operation already in progress", error.Message);
    }

    [Fact]
    public async Task A_method_nobody_knows_is_an_error_and_so_is_a_server_that_fails()
    {
        using var served = _server.Serve("/", message => message.Path == "/fails" ? throw new InvalidOperationException("broken") : Task.FromResult<BusBody?>(null));
        Assert.Equal(BusErrorException.UnknownMethod, (await Assert.ThrowsAsync<BusErrorException>(() => CallAsync("/any"))).Name);
        Assert.Equal("broken", (await Assert.ThrowsAsync<BusErrorException>(() => CallAsync("/fails"))).Message);
    }

    [Fact]
    public async Task A_call_to_nobody_is_an_error()
    {
        var error = await Assert.ThrowsAsync<BusErrorException>(() => _client.CallAsync("org.example.Nobody", "/", Interface, "Echo", cancellationToken: Token));
        Assert.Equal(BusErrorException.ServiceUnknown, error.Name);
    }

    [Theory]
    [InlineData("no slash")]
    [InlineData("/ends/")]
    [InlineData("")]
    public async Task A_call_that_cannot_be_written_is_an_error(string path) =>
        await Assert.ThrowsAsync<BusErrorException>(() => CallAsync(path));

    [Theory]
    [InlineData("s", 1)]
    [InlineData("", 1)]
    [InlineData("ai", "text")]
    [InlineData("s", "zero\0inside")]
    [InlineData("a{vs}", 1)]
    [InlineData("(i", 1)]
    public void A_body_that_does_not_fit_its_signature_is_refused_where_it_is_made(string signature, object value) =>
        Assert.Throws<ArgumentException>(() => BusBody.Of(signature, value));

    [Fact]
    public async Task Answers_may_come_later_and_in_another_order()
    {
        var first = new TaskCompletionSource<BusBody?>();
        using var served = _server.Serve("/", message => message.Path == "/first" ? first.Task : Task.FromResult<BusBody?>(BusBody.Of("s", "second")));
        var slow = CallAsync("/first");
        Assert.Equal("second", (await CallAsync("/second")).Value<string>(0));
        Assert.False(slow.IsCompleted);
        first.SetResult(BusBody.Of("s", "first"));
        Assert.Equal("first", (await slow).Value<string>(0));
    }

    [Fact]
    public async Task A_call_without_an_answer_ends_after_its_time()
    {
        using var served = _server.Serve("/", _ => new TaskCompletionSource<BusBody?>().Task);
        var error = await Assert.ThrowsAsync<BusErrorException>(() =>
            _client.CallAsync(_server.UniqueName, "/", Interface, "Echo", timeout: TimeSpan.FromMilliseconds(50), cancellationToken: Token));
        Assert.True(error.IsTimeout, error.Name);
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once_and_the_connection_goes_on()
    {
        var late = new TaskCompletionSource<BusBody?>();
        using var served = _server.Serve("/", message => message.Path == "/late" ? late.Task : Task.FromResult<BusBody?>(BusBody.Of("")));
        using var cancel = new CancellationTokenSource();
        var call = _client.CallAsync(_server.UniqueName, "/late", Interface, "Echo", cancellationToken: cancel.Token);
        await CallAsync("/now");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        late.SetResult(BusBody.Of(""));
        await CallAsync("/now");
    }

    [Fact]
    public async Task Ten_thousand_signals_arrive_once_and_in_order()
    {
        const int count = 10_000;
        var received = new BlockingCollection<int>();
        var descriptors = OpenDescriptors();
        using (await _client.MatchAsync($"type='signal',sender='{_server.UniqueName}',interface='{Interface}'", signal => received.Add(signal.Value<int>(0))))
        {
            for (var i = 0; i < count; i++)
                _server.Emit("/source", Interface, "Counted", BusBody.Of("iay", i, new byte[200]));
            for (var i = 0; i < count; i++)
            {
                Assert.True(received.TryTake(out var number, Patience));
                Assert.Equal(i, number);
            }
        }
        using var served = _server.Serve("/", _ => Task.FromResult<BusBody?>(BusBody.Of("")));
        _server.Emit("/source", Interface, "Counted", BusBody.Of("i", -1));
        await CallAsync("/barrier");
        Assert.Empty(received);
        Assert.InRange(OpenDescriptors(), 0, descriptors + 20);
    }

    [Fact]
    public async Task Two_matches_of_one_signal_each_receive_it_and_one_that_throws_disturbs_nobody()
    {
        var received = new BlockingCollection<string>();
        using var first = await _client.MatchAsync($"type='signal',interface='{Interface}'", _ => throw new InvalidOperationException("a receiver's mistake"));
        using var second = await _client.MatchAsync($"type='signal',interface='{Interface}',member='Changed'", signal => received.Add(signal.Value<string>(0)));
        _server.Emit("/source", Interface, "Changed", BusBody.Of("s", "once"));
        Assert.True(received.TryTake(out var text, Patience));
        Assert.Equal("once", text);
    }

    [Fact]
    public async Task A_rule_the_bus_does_not_take_is_an_error() =>
        await Assert.ThrowsAsync<BusErrorException>(() => _client.MatchAsync("type='nonsense'", _ => { }));

    [Fact]
    public async Task Signals_and_answers_of_a_server_arrive_in_the_order_it_gave_them()
    {
        using var served = _server.Serve("/", _ =>
        {
            _server.Emit("/source", Interface, "Changed", BusBody.Of("s", "before the answer"));
            return Task.FromResult<BusBody?>(BusBody.Of(""));
        });
        var received = new ConcurrentQueue<string>();
        using var match = await _client.MatchAsync($"type='signal',interface='{Interface}'", signal => received.Enqueue(signal.Value<string>(0)));
        for (var i = 1; i <= 20; i++)
        {
            await CallAsync("/any");
            Assert.Equal(i, received.Count);
        }
    }

    [Fact]
    public async Task A_descriptor_arrives_as_one_of_the_receivers_own()
    {
        var sockets = new int[2];
        Assert.Equal(0, SocketPair(1, 5, 0, sockets)); // AF_UNIX, SOCK_SEQPACKET
        using var mine = new UnixFd(sockets[0]);
        using (var theirs = new UnixFd(sockets[1]))
        using (_server.Serve("/", _ => Task.FromResult<BusBody?>(BusBody.Of("hq", theirs, (ushort)517))))
        {
            var answer = await CallAsync("/any");
            using var given = answer.Value<UnixFd>(0);
            Assert.Equal(517, answer.Value<ushort>(1));
            Assert.NotEqual(theirs.DangerousGetHandle(), given.DangerousGetHandle());
            theirs.Dispose();
            using var writer = new Socket(new SafeSocketHandle(given.Release(), ownsHandle: true));
            using var reader = new Socket(new SafeSocketHandle(mine.Release(), ownsHandle: true));
            await writer.SendAsync("one"u8.ToArray());
            await writer.SendAsync("second"u8.ToArray());
            var buffer = new byte[100];
            Assert.Equal(3, await reader.ReceiveAsync(buffer));
            Assert.Equal(6, await reader.ReceiveAsync(buffer));
            writer.Dispose();
            Assert.Equal(0, await reader.ReceiveAsync(buffer));
        }
    }

    [Fact]
    public async Task Descriptors_do_not_leak()
    {
        using var file = new TemporaryFile();
        using var served = _server.Serve("/", _ => Task.FromResult<BusBody?>(BusBody.Of("h", file.Open())));
        for (var i = 0; i < 500; i++)
            (await CallAsync("/any")).Value<UnixFd>(0).Dispose();
        await CallAsync("/any"); // the messages before have been let go
        Assert.InRange(file.OpenDescriptors(), 0, 20);
    }

    [Fact]
    public async Task An_answer_with_a_descriptor_that_is_closed_already_is_an_error_to_the_caller_and_the_connection_goes_on()
    {
        using var file = new TemporaryFile();
        using var closed = file.Open();
        closed.Dispose();
        using var served = _server.Serve("/", message => Task.FromResult<BusBody?>(message.Path == "/closed" ? BusBody.Of("h", closed) : BusBody.Of("")));
        var error = await Assert.ThrowsAsync<BusErrorException>(() => CallAsync("/closed"));
        Assert.Equal("A file descriptor could not be put on the bus: it is closed already.", error.Message);
        await CallAsync("/any");
    }

    [Fact]
    public async Task Calls_to_a_peer_that_disappears_end_with_an_error()
    {
        var reached = new TaskCompletionSource();
        using var served = _server.Serve("/", _ =>
        {
            reached.TrySetResult();
            return new TaskCompletionSource<BusBody?>().Task;
        });
        var call = CallAsync("/any");
        await reached.Task.WaitAsync(Patience, TimeProvider.System, Token);
        await _server.DisposeAsync();
        await Assert.ThrowsAsync<BusErrorException>(() => call);
    }

    [Fact]
    public async Task A_bus_that_disappears_ends_everything_with_a_clear_message()
    {
        using var served = _server.Serve("/", _ => new TaskCompletionSource<BusBody?>().Task);
        using var match = await _client.MatchAsync("type='signal'", _ => { });
        var calls = Enumerable.Range(0, 10).Select(_ => CallAsync("/any")).ToList();
        await _daemon.StopAsync();
        await _client.Closed.WaitAsync(Patience, TimeProvider.System, Token);
        foreach (var call in calls)
            Assert.Contains("D-Bus", (await Assert.ThrowsAsync<RadioException>(() => call)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RadioException>(() => CallAsync("/any"));
        await Assert.ThrowsAsync<RadioException>(() => _client.MatchAsync("type='signal'", _ => { }));
        _client.Emit("/any", Interface, "Changed", BusBody.Of(""));

        await _daemon.StartAgainAsync();
        await using var again = await BusConnection.OpenAsync(_daemon.Address);
        Assert.StartsWith(":", again.UniqueName, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_bus_the_message_says_how_to_get_one()
    {
        await _daemon.StopAsync();
        var error = await Assert.ThrowsAsync<RadioException>(() => BusConnection.OpenAsync(_daemon.Address));
        Assert.Contains("sudo systemctl start dbus", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_disposes_while_calls_come_and_go_harms_nothing()
    {
        using var served = _server.Serve("/", message => Task.FromResult<BusBody?>(BusBody.Of(message.Signature, [.. message.Values])));
        for (var round = 0; round < 20; round++)
        {
            var client = await BusConnection.OpenAsync(_daemon.Address);
            var calls = Enumerable.Range(0, 50).Select(i => Task.Run(() => client.CallAsync(_server.UniqueName, "/", Interface, "Echo", BusBody.Of("i", i)))).ToList();
            await Task.WhenAll(client.DisposeAsync().AsTask(), client.DisposeAsync().AsTask());
            foreach (var call in calls)
            {
                var error = await Record.ExceptionAsync(() => call);
                Assert.True(error is null or RadioException, error?.ToString());
            }
        }
        await CallAsync("/any");
    }

    [Fact]
    public async Task A_name_has_one_owner()
    {
        await _server.RequestNameAsync("org.example.Name");
        await _server.RequestNameAsync("org.example.Name");
        await Assert.ThrowsAsync<BusErrorException>(() => _client.RequestNameAsync("org.example.Name"));
        await _server.ReleaseNameAsync("org.example.Name");
        await _client.RequestNameAsync("org.example.Name");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<BusMessage> CallAsync(string path, BusBody body = default) =>
        _client.CallAsync(_server.UniqueName, path, Interface, "Echo", body, cancellationToken: Token).WaitAsync(Patience, TimeProvider.System, Token);

    private static int OpenDescriptors() => Directory.GetFiles("/proc/self/fd").Length;

    [DllImport("libc", EntryPoint = "socketpair")]
    private static extern int SocketPair(int domain, int type, int protocol, int[] descriptors);

    /// <summary>A file that nobody else opens, so that its descriptors can be counted whatever other tests do.</summary>
    private sealed class TemporaryFile : IDisposable
    {
        private readonly string _path = Path.GetTempFileName();

        public UnixFd Open()
        {
            using var file = File.OpenHandle(_path);
            return UnixFd.Duplicate((int)file.DangerousGetHandle());
        }

        public int OpenDescriptors() => Directory.GetFiles("/proc/self/fd").Count(descriptor => new FileInfo(descriptor).LinkTarget == _path);

        public void Dispose() => File.Delete(_path);
    }

    private sealed record Value(string Type, object Item);

    private static Gen<Value> AnyValue(int depth)
    {
        var basic = Basic();
        if (depth == 0)
            return basic;
        var inner = AnyValue(depth - 1);
        return Gen.OneOf(
            basic,
            Gen.Byte.Array[0, 50].Select(bytes => new Value("ay", bytes)),
            inner.Select(v => new Value("v", new Variant(v.Type, v.Item))),
            inner.Array[1, 4].Select(members => new Value($"({string.Concat(members.Select(m => m.Type))})", new BusStruct([.. members.Select(m => m.Item)]))),
            inner.SelectMany(v => Gen.Int[0, 4].Select(count => v.Type == "y" ? v : new Value($"a{v.Type}", Enumerable.Repeat(v.Item, count).ToList()))),
            inner.SelectMany(v => Gen.String[Gen.Char.AlphaNumeric, 0, 8].Array[0, 4].Select(keys =>
            {
                var dictionary = new BusDictionary();
                foreach (var key in keys)
                    dictionary[key] = v.Item;
                return new Value($"a{{s{v.Type}}}", dictionary);
            })));
    }

    private static Gen<Value> Basic() => Gen.OneOf(
        Gen.Byte.Select(v => new Value("y", v)),
        Gen.Bool.Select(v => new Value("b", v)),
        Gen.Short.Select(v => new Value("n", v)),
        Gen.UShort.Select(v => new Value("q", v)),
        Gen.Int.Select(v => new Value("i", v)),
        Gen.UInt.Select(v => new Value("u", v)),
        Gen.Long.Select(v => new Value("x", v)),
        Gen.ULong.Select(v => new Value("t", v)),
        Gen.Double.Select(v => new Value("d", v)),
        Gen.String[Gen.Char["aZ0 ä€\n\"/"], 0, 20].Select(v => new Value("s", v)),
        Gen.Int[0, 1_000_000].Select(v => new Value("o", new ObjectPath($"/org/bluez/_{v}"))),
        Gen.OneOf(Gen.Const(""), Gen.Const("a{sv}"), Gen.Const("(ii)aay")).Select(v => new Value("g", new TypeSignature(v))));

    /// <summary>A value as text, which compares what is in it.</summary>
    private static string Text(object value) => value switch
    {
        byte[] bytes => $"ay {Convert.ToHexString(bytes)}",
        Variant variant => $"<{variant.Signature} {Text(variant.Value)}>",
        BusStruct members => $"({string.Join(", ", members.Members.Select(Text))})",
        IDictionary dictionary => $"{{{string.Join(", ", dictionary.Keys.Cast<object>().OrderBy(k => (string)k, StringComparer.Ordinal).Select(k => $"{k}: {Text(dictionary[k]!)}"))}}}",
        string text => $"\"{text}\"",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object>().Select(Text))}]",
        double number => $"double {BitConverter.DoubleToInt64Bits(number):x}",
        _ => $"{value.GetType().Name} {value}",
    };
}
