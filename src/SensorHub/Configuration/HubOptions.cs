using SensorHub.Core;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.Influx;

namespace SensorHub.Configuration;

/// <summary>
/// Everything that can be set, with its default. Read, each over the one before, from <c>sensorhub.json</c> in the data
/// folder (or <c>--config FILE</c>), from environment variables (<c>SENSORHUB_WEB__PORT</c>), and from the command line.
/// </summary>
public sealed class HubOptions
{
    /// <summary>Name of this hub in topics and tags: a slug.</summary>
    public string Hub { get; set; } = "home";

    /// <summary>What this process is: <c>all</c>, <c>hub</c> (sensors, no pages) or <c>clinic</c> (pages of many hubs, no sensors).</summary>
    public string Role { get; set; } = "all";

    internal HubRole RoleOf => Enum.TryParse<HubRole>(Role, ignoreCase: true, out var role) && Enum.IsDefined(role) ? role : throw Bad("Role", Role, "all, hub or clinic");

    /// <summary>Pseudonym of the person: a slug, never a name.</summary>
    public string Subject { get; set; } = "me";

    /// <summary>Mass of the person, 20 to 300 kg; absent = no % of body weight.</summary>
    public double? BodyMassKg { get; set; }

    /// <summary>Folder of recordings, store and credentials.</summary>
    public string Data { get; set; } = DataFolder.DefaultPath;

    public RadioSettings Radio { get; set; } = new();

    public WebSettings Web { get; set; } = new();

    public MqttSettings Mqtt { get; set; } = new();

    public UpstreamSettings Upstream { get; set; } = new();

    public OutboxSettings Outbox { get; set; } = new();

    public InfluxSettings Influx { get; set; } = new();

    public RetentionSettings Retention { get; set; } = new();

    public HomeAssistantSettings HomeAssistant { get; set; } = new();

    /// <exception cref="UserException">A value is outside its range; the message names key, value and range.</exception>
    public void Validate()
    {
        if (RoleOf == HubRole.Clinic && Mqtt.Host is null)
            throw new UserException("A clinic shows what hubs send to a broker: name it with --mqtt (Mqtt:Host).");
        RequireSlug("Hub", Hub);
        RequireSlug("Subject", Subject);
        if (BodyMassKg is not (null or (>= 20 and <= 300)))
            throw Bad("BodyMassKg", BodyMassKg, "20 to 300 kg");
        if (string.IsNullOrWhiteSpace(Data))
            throw Bad("Data", Data, "the path of a folder");
        if (Radio.Adapter is { } adapter && string.IsNullOrWhiteSpace(adapter))
            throw Bad("Radio:Adapter", adapter, "the name of a Bluetooth adapter such as hci0, or is left out for the first that is there");
        Web.Validate();
        RequirePort("Mqtt:Port", Mqtt.Port);
        if (Mqtt.Host is { } host && string.IsNullOrWhiteSpace(host))
            throw Bad("Mqtt:Host", host, "the name of a broker's host, or is left out for the embedded broker");
        if (Mqtt is { Host: not null, Port: 0 })
            throw Bad("Mqtt:Port", 0, "1 to 65535 with an external broker");
        if (Mqtt is { Host: null })
            Mqtt.ToEmbedded().Validate();
        Mqtt.Validate("Mqtt");
        if (Upstream.Host is { } upstream && string.IsNullOrWhiteSpace(upstream))
            throw Bad("Upstream:Host", upstream, "the name of a second broker's host, or is left out for none");
        if (Upstream.Port is < 1 or > 65535)
            throw Bad("Upstream:Port", Upstream.Port, "1 to 65535");
        Upstream.Validate("Upstream");
        Outbox.Validate();
        Influx.ToStorage()?.Validate();
        Retention.ToStorage().Validate();
        if (string.IsNullOrWhiteSpace(HomeAssistant.Prefix) || HomeAssistant.Prefix.AsSpan().IndexOfAny("+# ") >= 0 || HomeAssistant.Prefix.StartsWith('/') || HomeAssistant.Prefix.EndsWith('/'))
            throw Bad("HomeAssistant:Prefix", HomeAssistant.Prefix, "the discovery prefix of Home Assistant's MQTT integration, such as homeassistant");
    }

    private static void RequireSlug(string key, string value)
    {
        if (!Slug.TryParse(value, out _))
            throw Bad(key, value, $"1 to {Slug.MaxLength} of a-z, 0-9 and '-', beginning with a letter or digit");
    }

    internal static void RequirePort(string key, int value)
    {
        if (value is < 0 or > 65535)
            throw Bad(key, value, "0 to 65535 (0 = any free port)");
    }

    internal static UserException Bad(string key, object? value, string range) => new(FormattableString.Invariant($"{key} is '{value}'; it takes {range}."));
}

/// <summary>What a process of <c>sensorhub run</c> is.</summary>
public enum HubRole : byte
{
    /// <summary>A hub with its pages.</summary>
    All = 0,

    /// <summary>A hub without pages: only /health, /alive and /metrics.</summary>
    Hub = 1,

    /// <summary>Pages for the people of many hubs: live data from their broker, the past from the database, no sensors.</summary>
    Clinic = 2,
}

public sealed class RadioSettings
{
    /// <summary>The Bluetooth adapter to use, such as <c>hci0</c>; absent = the first that is there.</summary>
    public string? Adapter { get; set; }
}

/// <summary>How long the embedded store keeps what comes many times a second, in days.</summary>
public sealed class RetentionSettings
{
    /// <inheritdoc cref="RetentionOptions.RawDays"/>
    public int RawDays { get; set; } = new RetentionOptions().RawDays;

    /// <inheritdoc cref="RetentionOptions.SecondsDays"/>
    public int SecondsDays { get; set; } = new RetentionOptions().SecondsDays;

    /// <inheritdoc cref="RetentionOptions.MinutesDays"/>
    public int? MinutesDays { get; set; }

    public RetentionOptions ToStorage() => new() { RawDays = RawDays, SecondsDays = SecondsDays, MinutesDays = MinutesDays };
}

public sealed class HomeAssistantSettings
{
    /// <summary>Announces the hub and its sensors at the broker, for Home Assistant to find. Nobody reads it who has no account there.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The discovery prefix that is set in Home Assistant's MQTT integration.</summary>
    public string Prefix { get; set; } = "homeassistant";
}

public sealed class InfluxSettings
{
    /// <summary>Address of an InfluxDB; absent = the embedded store alone.</summary>
    public string? Url { get; set; }

    /// <summary><c>v1</c>, <c>v2</c> or <c>v3</c>: the write interface to use.</summary>
    public string Profile { get; set; } = "v1";

    /// <summary>Database (v1, v3) or bucket (v2).</summary>
    public string Database { get; set; } = "sensorhub";

    /// <summary>Organisation (v2).</summary>
    public string? Org { get; set; }

    public string? User { get; set; }

    public string? Password { get; set; }

    /// <summary>API token (v2, v3).</summary>
    public string? Token { get; set; }

    /// <summary>As the storage takes it; null without an address.</summary>
    /// <exception cref="UserException">The address or the profile is none.</exception>
    public InfluxOptions? ToStorage()
    {
        if (Url is null)
            return null;
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url))
            throw new UserException($"Influx:Url is '{Url}'; it takes an address such as http://127.0.0.1:8086.");
        if (!Enum.TryParse<InfluxProfile>(Profile, ignoreCase: true, out var profile) || !Enum.IsDefined(profile))
            throw new UserException($"Influx:Profile is '{Profile}'; it takes v1, v2 or v3.");
        return new InfluxOptions
        {
            Url = url,
            Profile = profile,
            Database = Database,
            Organization = Org,
            User = User,
            Password = Password,
            Token = Token,
            CreateDatabase = profile == InfluxProfile.V1,
        };
    }
}
