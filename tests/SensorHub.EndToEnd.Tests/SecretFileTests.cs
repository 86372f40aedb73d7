using Microsoft.Extensions.Configuration;
using SensorHub.Configuration;
using SensorHub.Core;

namespace SensorHub.EndToEnd.Tests;

/// <summary>Passwords and tokens from files, as containers get them.</summary>
public sealed class SecretFileTests
{
    [Fact]
    public void A_secret_is_the_first_line_of_its_file()
    {
        var file = Path.Combine(HubProgram.NewFolder(), "secret");
        File.WriteAllText(file, "correct horse\n");

        var secrets = SecretFiles.Read(Environment(("MQTT:PASSWORD_FILE", file), ("INFLUX:TOKEN_FILE", file), ("WEB:PORT", "5081")));

        Assert.Equal(["INFLUX:TOKEN", "MQTT:PASSWORD"], secrets.Keys.Order(StringComparer.Ordinal));
        Assert.All(secrets.Values, secret => Assert.Equal("correct horse", secret));
    }

    [Fact]
    public void Variables_of_other_programs_are_left_alone() => Assert.Empty(SecretFiles.Read(Environment(("LOG_FILE", "/nowhere"), ("OTHER:PORT_FILE", "/nowhere"))));

    [Fact]
    public void A_file_that_is_not_there_or_empty_is_named_with_its_variable()
    {
        var empty = Path.Combine(HubProgram.NewFolder(), "empty");
        File.WriteAllText(empty, "");

        var missing = Assert.Throws<UserException>(() => SecretFiles.Read(Environment(("MQTT:PASSWORD_FILE", empty + ".not"))));
        var nothing = Assert.Throws<UserException>(() => SecretFiles.Read(Environment(("MQTT:PASSWORD_FILE", empty))));

        Assert.StartsWith($"SENSORHUB_MQTT__PASSWORD_FILE names {empty}.not, which cannot be read", missing.Message, StringComparison.Ordinal);
        Assert.StartsWith($"SENSORHUB_MQTT__PASSWORD_FILE names {empty}, which is empty", nothing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_that_is_given_twice_is_refused()
    {
        var twice = Assert.Throws<UserException>(() => SecretFiles.Read(Environment(("MQTT:PASSWORD_FILE", "/nowhere"), ("MQTT:PASSWORD", "x"))));

        Assert.StartsWith("SENSORHUB_MQTT__PASSWORD_FILE and SENSORHUB_MQTT__PASSWORD are both set", twice.Message, StringComparison.Ordinal);
    }

    /// <summary>As the provider of environment variables gives them.</summary>
    private static IConfiguration Environment(params (string Key, string Value)[] variables) =>
        new ConfigurationBuilder().AddInMemoryCollection(variables.ToDictionary(v => v.Key, v => (string?)v.Value)).Build();
}
