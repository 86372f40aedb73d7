using SensorHub.Bluetooth.BlueZ;
using SensorHub.Testing.FakeBlueZ;

namespace SensorHub.Bluetooth.Tests.BlueZ;

/// <summary>Encryption, with a sensor that is content, one that refuses and one that wants a person.</summary>
public sealed class PairingTests
{
    [Fact]
    public async Task A_sensor_is_paired_once_and_encrypted_ever_after()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        await using (var end = await rig.OpenAsync(sensor))
            Assert.True(sensor.IsPaired);
        sensor.Fail("Pair", BlueZError.AuthenticationFailed);
        await using var again = await rig.OpenAsync(sensor);
        await again.StartAsync();
        await again.Frames.UntilAsync(1);
    }

    [Theory]
    [InlineData(FakePairing.Refused, "Pairing with the sensor failed.")]
    [InlineData(FakePairing.ConfirmPasskey, "Pairing with the sensor failed.")] // nobody looks at the hub
    [InlineData(FakePairing.DisplayPasskey, "Pairing with the sensor failed.")]
    public async Task A_refused_pairing_says_what_to_do_and_the_link_stays(FakePairing pairing, string message)
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        sensor.Pairing = pairing;
        await using var connection = await rig.ConnectAsync(sensor);
        var e = await Assert.ThrowsAsync<LinkException>(() => connection.EncryptAsync(BlueZRig.Cancel));
        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
        Assert.EndsWith("Forget it on the hub, switch it off and on, hold it near, and pair again.", e.Message, StringComparison.Ordinal);
        Assert.False(connection.Lost.IsCompleted);
        sensor.Pairing = FakePairing.JustWorks;
        await connection.EncryptAsync(BlueZRig.Cancel);
        Assert.True(sensor.IsPaired);
    }

    [Theory]
    [InlineData("AuthenticationRejected", "The sensor refused to pair.")]
    [InlineData("AuthenticationCanceled", "Pairing was cancelled.")]
    [InlineData("AuthenticationTimeout", "Pairing took too long.")]
    public async Task Each_way_in_which_pairing_can_fail_has_its_words(string error, string message)
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        await using var connection = await rig.ConnectAsync(sensor);
        sensor.Fail("Pair", new BlueZError("org.bluez.Error." + error, ""));
        var e = await Assert.ThrowsAsync<LinkException>(() => connection.EncryptAsync(BlueZRig.Cancel));
        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sensor_that_does_not_answer_is_given_up_and_BlueZ_is_told()
    {
        await using var rig = await BlueZRig.StartAsync(o => o with { PairingTimeout = TimeSpan.FromSeconds(1) });
        var sensor = rig.Adapter.AddClip(1);
        sensor.Pairing = FakePairing.Silent;
        await using var connection = await rig.ConnectAsync(sensor);
        var cancelled = new TaskCompletionSource();
        sensor.Before("CancelPairing", cancelled.SetResult);
        var e = await Assert.ThrowsAsync<LinkException>(() => connection.EncryptAsync(BlueZRig.Cancel));
        Assert.StartsWith("Pairing took ", e.Message, StringComparison.Ordinal);
        await cancelled.Task.WaitAsync(BlueZRig.Cancel);
    }

    [Fact]
    public async Task A_person_compares_the_passkey()
    {
        var person = new Person();
        await using var rig = await BlueZRig.StartAsync(o => o with { PairingAgent = person });
        var sensor = rig.Adapter.AddClip(1);
        sensor.Pairing = FakePairing.ConfirmPasskey;
        sensor.Passkey = 4711;
        await using var connection = await rig.ConnectAsync(sensor);
        await connection.EncryptAsync(BlueZRig.Cancel);
        Assert.Equal((sensor.Sensor.Name, "004711"), Assert.Single(person.Asked));
        Assert.True(sensor.IsPaired);
    }

    [Fact]
    public async Task A_person_who_sees_another_number_says_no()
    {
        var person = new Person { Agrees = false };
        await using var rig = await BlueZRig.StartAsync(o => o with { PairingAgent = person });
        var sensor = rig.Adapter.AddClip(1);
        sensor.Pairing = FakePairing.ConfirmPasskey;
        await using var connection = await rig.ConnectAsync(sensor);
        await Assert.ThrowsAsync<LinkException>(() => connection.EncryptAsync(BlueZRig.Cancel));
        Assert.Single(person.Asked);
        Assert.False(sensor.IsPaired);
    }

    [Fact]
    public async Task A_passkey_is_shown_until_it_was_typed()
    {
        var person = new Person();
        await using var rig = await BlueZRig.StartAsync(o => o with { PairingAgent = person });
        var sensor = rig.Adapter.AddClip(1);
        sensor.Pairing = FakePairing.DisplayPasskey;
        await using var connection = await rig.ConnectAsync(sensor);
        await connection.EncryptAsync(BlueZRig.Cancel);
        Assert.Equal((sensor.Sensor.Name, "123456"), Assert.Single(person.Shown));
        await BlueZRig.UntilAsync(() => person.Ended == 1, "the number goes");
    }

    private sealed class Person : IPairingAgent
    {
        private int _ended;

        public bool Agrees { get; init; } = true;

        public List<(string Sensor, string Passkey)> Asked { get; } = [];

        public List<(string Sensor, string Passkey)> Shown { get; } = [];

        public int Ended => _ended;

        public void ShowPasskey(string sensor, string passkey, CancellationToken ended)
        {
            Shown.Add((sensor, passkey));
            ended.Register(() => Interlocked.Increment(ref _ended));
        }

        public Task<bool> ConfirmAsync(string sensor, string passkey, CancellationToken ended)
        {
            Asked.Add((sensor, passkey));
            return Task.FromResult(Agrees);
        }
    }
}
