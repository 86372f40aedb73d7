using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Sensors;

namespace SensorHub.EndToEnd.Tests.Sensors;

public sealed class SensorDeskTests : IAsyncLifetime
{
    private static readonly Slug Me = Slug.Parse("me");
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private readonly Workbench _bench = new(Me);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_sensor_nearby_is_looked_at_without_its_address_being_told_then_added_and_streams()
    {
        Assert.Equal([], _bench.Desk.State.Nearby);
        _bench.Desk.Scan(true);
        await _bench.UntilAsync(s => s.Nearby.Count == 1);
        var heard = _bench.Desk.State.Nearby[0];
        Assert.Equal(("SH Roller 0123", true), (heard.Name, heard.Sensor.IsNone));
        Assert.DoesNotContain(_bench.Address, $"{heard}");
        await _bench.Desk.LookAsync(heard.Handle, Stop);
        Assert.Equal(Workbench.Roller, _bench.Desk.State.Nearby[0].Sensor);
        Assert.Equal(Workbench.Roller, await _bench.Desk.AddAsync(heard.Handle, Stop));
        await _bench.UntilAsync(s => s.Sensors is [{ Link: LinkState.Streaming }] && s.Nearby.Count == 0);
        Assert.Equal(("Roller 0123", SensorKind.Roller, "1.0.0-sim"), (_bench.Shown.Name, _bench.Shown.Kind, _bench.Shown.Firmware));
        Assert.Contains(_bench.Shown.Streams, s => s is { Kind: StreamKind.Load, NominalRate: 50 });
        _bench.Desk.Scan(false);
        Assert.False(_bench.Desk.State.Scanning);
        await Assert.ThrowsAsync<UserException>(() => _bench.Desk.AddAsync("n99", Stop));
    }

    [Fact]
    public async Task Another_persons_sensor_is_left_alone_until_it_is_ones_own()
    {
        await _bench.AddAsync(Stop);
        _bench.Desk.Assign(Workbench.Roller, Slug.Parse("p-07"));
        Assert.Equal(LinkState.Off, _bench.Shown.Link);
        Assert.Contains("p-07", _bench.Shown.Trouble);
        _bench.Desk.Assign(Workbench.Roller, Me);
        await _bench.UntilAsync(s => s.Sensors is [{ Link: LinkState.Streaming }]);
        Assert.Equal(Me, _bench.Shown.Subject);
    }

    [Fact]
    public async Task A_name_is_kept_over_a_restart_and_none_is_the_first_one_again()
    {
        await _bench.AddAsync(Stop);
        _bench.Desk.Rename(Workbench.Roller, "  Blue roller ");
        Assert.Equal("Blue roller", _bench.Shown.Name);
        Assert.Equal("Blue roller", KnownSensors.Open(Path.Combine(_bench.Folder, KnownSensors.FileName), Assert.Fail).Find(Workbench.Roller)!.Name);
        Assert.Throws<UserException>(() => _bench.Desk.Rename(Workbench.Roller, new string('x', 41)));
        Assert.Throws<UserException>(() => _bench.Desk.Rename(Workbench.Roller, "two\nlines"));
        Assert.Throws<UserException>(() => _bench.Desk.Rename(Slug.Parse("clip-1"), "x"));
        _bench.Desk.Rename(Workbench.Roller, "");
        Assert.Equal("Roller 0123", _bench.Shown.Name);
    }

    [Fact]
    public async Task Identify_lights_the_sensors_LED()
    {
        await _bench.AddAsync(Stop);
        await _bench.Desk.IdentifyAsync(Workbench.Roller, Stop);
        Assert.True(_bench.Sensor.Peripheral.IdentifyUntil > 0);
    }

    [Fact]
    public async Task A_roller_weighs_right_after_its_load_cells_were_zeroed_weighed_and_kept()
    {
        await _bench.AddAsync(Stop);
        var before = _bench.Shown.Load!.Calibrations;
        await _bench.Desk.ZeroLoadAsync(Workbench.Roller, Stop);
        Assert.Equal(12, _bench.Shown.Load!.Zeroed!.Value, 0.5);

        for (int? over = null; over is null or < 4; over = over + 1 ?? 0)
        {
            _bench.Put(0);
            await SettledAsync(0);
            _bench.Put(12, over);
            await SettledAsync(12 * 9.80665);
            await _bench.Desk.WeighAsync(Workbench.Roller, 12, over, Stop);
        }
        var result = _bench.Shown.Load!.Result!;
        Assert.Equal((LoadVerdict.Good, true), (result.Verdict, result.IsPerCell));
        await _bench.Desk.KeepGainsAsync(Workbench.Roller, Stop);
        await _bench.UntilAsync(_ => _bench.Shown.Load is { Before.Count: > 0, Cells.Count: > 0 } load && load.Calibrations[0].Gain != before[0].Gain);
        for (var cell = 0; cell < 4; cell++)
            Assert.Equal(before[cell].Gain / Workbench.Sensitivities[cell], _bench.Sensor.Peripheral.Descriptor.LoadCalibrations[cell].Gain, before[cell].Gain * 0.02);
        Assert.Equal(before.Select(b => b.Gain), _bench.Shown.Load!.Before.Select(b => b.Gain));

        _bench.Put(0);
        await SettledAsync(0);
        _bench.Put(20, over: 2);
        await SettledAsync(20 * 9.80665);
        await _bench.Desk.WeighAsync(Workbench.Roller, 20, null, Stop);
        var check = _bench.Shown.Load!.Check!;
        Assert.True(check.Agrees);
        Assert.Equal(20 * 9.80665, check.Force, 2.0);
    }

    [Fact]
    public async Task What_cannot_be_weighed_is_refused_with_the_reason()
    {
        Assert.Contains("no such sensor", (await Assert.ThrowsAsync<UserException>(() => _bench.Desk.WeighAsync(Workbench.Roller, 10, null, Stop))).Message);
        await _bench.AddAsync(Stop);
        Assert.Contains("no such cell", (await Assert.ThrowsAsync<UserException>(() => _bench.Desk.WeighAsync(Workbench.Roller, 10, 4, Stop))).Message);
        Assert.Contains("weigh a known weight first", (await Assert.ThrowsAsync<UserException>(() => _bench.Desk.KeepGainsAsync(Workbench.Roller, Stop))).Message);
        Assert.Contains("300 kg", (await Assert.ThrowsAsync<UserException>(() => _bench.Desk.WeighAsync(Workbench.Roller, 400, null, Stop))).Message);
        Assert.False(_bench.Shown.Load!.Weighing);
    }

    [Fact]
    public async Task A_forgotten_sensor_is_let_go_and_heard_again()
    {
        await _bench.AddAsync(Stop);
        await _bench.Desk.ForgetAsync(Workbench.Roller, Stop);
        Assert.Empty(_bench.Desk.State.Sensors);
        Assert.Empty(_bench.Known.All);
        _bench.Desk.Scan(true);
        await _bench.UntilAsync(s => s.Nearby.Count == 1);
        await Assert.ThrowsAsync<UserException>(() => _bench.Desk.ForgetAsync(Workbench.Roller, Stop));
    }

    [Fact]
    public async Task A_pairing_is_shown_until_it_is_answered_or_over()
    {
        var asked = _bench.Desk.AskPairingAsync("SH Clip 0042", "048213", needsAnswer: true, Stop);
        var prompt = _bench.Desk.State.Pairing!;
        Assert.Equal(("SH Clip 0042", "048213"), (prompt.Name, prompt.Passkey));
        _bench.Desk.AnswerPairing("another", accept: false);
        _bench.Desk.AnswerPairing(prompt.Id, accept: true);
        Assert.True(await asked);
        Assert.Null(_bench.Desk.State.Pairing);

        using var over = new CancellationTokenSource();
        asked = _bench.Desk.AskPairingAsync("SH Clip 0042", null, needsAnswer: true, over.Token);
        await over.CancelAsync();
        Assert.False(await asked);
        Assert.Null(_bench.Desk.State.Pairing);
    }

    [Fact]
    public async Task Before_there_is_a_radio_the_known_sensors_are_shown_and_nothing_is_promised()
    {
        var known = KnownSensors.Open(Path.Combine(HubProgram.NewFolder(), KnownSensors.FileName), Assert.Fail);
        known.Put(new KnownSensor(Workbench.Roller, SensorKind.Roller, "Blue roller", "A", "SH Roller 0123", default));
        var desk = new SensorDesk(known, Me, TimeProvider.System, Assert.Fail);
        Assert.Equal("Blue roller", Assert.Single(desk.State.Sensors).Name);
        Assert.Contains("not ready", (await Assert.ThrowsAsync<UserException>(() => desk.IdentifyAsync(Workbench.Roller, Stop))).Message);
    }

    /// <summary>The reading follows the load within the second that it is taken over.</summary>
    private Task SettledAsync(double force) => _bench.UntilAsync(_ => _bench.Shown.Load?.Force is { } now && Math.Abs(now - force) < 0.08 * force + 1);
}
