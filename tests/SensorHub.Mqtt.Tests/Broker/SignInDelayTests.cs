using System.Net;
using Microsoft.Extensions.Time.Testing;
using SensorHub.Mqtt.Broker;

namespace SensorHub.Mqtt.Tests.Broker;

public sealed class SignInDelayTests
{
    private static readonly IPAddress Far = IPAddress.Parse("192.0.2.7");

    private readonly FakeTimeProvider _time = new();
    private readonly SignInDelay _delay;

    public SignInDelayTests() => _delay = new SignInDelay(_time);

    private Task<bool> Try(bool right, IPAddress? from = null) => _delay.CheckAsync(from ?? Far, () => right, CancellationToken.None);

    [Fact]
    public async Task Each_wrong_password_is_answered_twice_as_late_as_the_one_before()
    {
        foreach (var seconds in new[] { 0.25, 0.5, 1, 2, 4, 8, 8, 8 })
        {
            var answer = Try(right: false);
            _time.Advance(TimeSpan.FromSeconds(seconds - 0.01));
            Assert.False(answer.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(0.01));
            Assert.False(await answer.WaitAsync(Patience.Token));
        }
    }

    [Fact]
    public async Task From_another_machine_nobody_is_looked_at_while_a_wrong_one_waits()
    {
        var wrong = Try(right: false);
        var right = Try(right: true);
        Assert.False(right.IsCompleted);
        Assert.True(await Try(right: true, IPAddress.Parse("192.0.2.8")).WaitAsync(Patience.Token)); // others are
        _time.Advance(SignInDelay.First);
        Assert.False(await wrong.WaitAsync(Patience.Token));
        Assert.True(await right.WaitAsync(Patience.Token));
    }

    [Fact]
    public async Task On_this_machine_a_right_one_is_taken_at_once()
    {
        var wrong = Try(right: false, IPAddress.Loopback);
        Assert.True(await Try(right: true, IPAddress.Loopback).WaitAsync(Patience.Token));
        Assert.False(wrong.IsCompleted);
    }

    [Fact]
    public async Task The_addresses_of_one_IPv6_network_are_one_guesser()
    {
        var wrong = Try(right: false, IPAddress.Parse("2001:db8::1"));
        Assert.False(Try(right: true, IPAddress.Parse("2001:db8::2")).IsCompleted);
        Assert.True(await Try(right: true, IPAddress.Parse("2001:db8:0:1::1")).WaitAsync(Patience.Token));
        Assert.False(wrong.IsCompleted);
    }

    [Fact]
    public async Task After_a_while_an_address_begins_anew()
    {
        for (var i = 0; i < 6; i++)
        {
            var wrong = Try(right: false);
            _time.Advance(SignInDelay.Longest);
            await wrong.WaitAsync(Patience.Token);
        }
        _time.Advance(SignInDelay.Memory + TimeSpan.FromSeconds(1));
        var again = Try(right: false);
        _time.Advance(SignInDelay.First);
        Assert.False(await again.WaitAsync(Patience.Token));
    }
}
