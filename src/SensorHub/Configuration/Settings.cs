using System.CommandLine;
using SensorHub.Core;

namespace SensorHub.Configuration;

/// <summary>The options that every hub command shares, and how they, the environment and the file become <see cref="HubOptions"/>.</summary>
public sealed class Settings
{
    private readonly Option<string> _config = new("--config") { Description = "Settings file (default: sensorhub.json in the data folder)", HelpName = "FILE" };
    private readonly List<(Option Option, string Key)> _keys = [];

    /// <param name="web">The command has pages.</param>
    /// <param name="outputs">The command brings features to a broker and to databases.</param>
    /// <param name="radio">The command uses a Bluetooth adapter.</param>
    /// <param name="hub">The command is about one hub and one person.</param>
    /// <param name="broker">The command, if it has outputs, has a broker among them.</param>
    public Settings(Command command, bool web = true, bool outputs = true, bool radio = false, bool hub = true, bool broker = true)
    {
        Add<string>("--data", "Data", "FOLDER", $"Folder of recordings, store and credentials (default: {DataFolder.DefaultPath})");
        if (hub)
        {
            Add<string>("--hub", "Hub", "NAME", "Name of this hub in topics (default: home)");
            Add<string>("--subject", "Subject", "NAME", "Pseudonym of the person (default: me)");
        }
        if (hub && outputs)
            Add<double>("--body-mass", "BodyMassKg", "KG", "Mass of the person, for % of body weight");
        if (radio)
            Add<string>("--role", "Role", "all|hub|clinic", "hub: sensors, no pages; clinic: pages for the hubs of a broker, no sensors (default: all)");
        if (radio)
            Add<string>("--adapter", "Radio:Adapter", "NAME", "Bluetooth adapter, such as hci0 (default: the first that is there)");
        if (web)
            Add<int>("--port", "Web:Port", "PORT", "Port of the pages on 127.0.0.1 (default: 5080; 0 = any free one)");
        if (outputs && broker)
        {
            Add<string>("--mqtt", "Mqtt:Host", "HOST", hub ? "External MQTT broker (default: an embedded one on 127.0.0.1)" : "MQTT broker (default: the embedded one of a hub on this machine)");
            Add<int>("--mqtt-port", "Mqtt:Port", "PORT", "Port of the broker, embedded or external (default: 1883; 0 = any free one)");
            if (hub)
            {
                Add<string>("--upstream", "Upstream:Host", "HOST", "Send everything to this second broker too, such as a clinic's");
                Add<int>("--upstream-port", "Upstream:Port", "PORT", "Its port (default: 8883, TLS)");
            }
        }
        if (outputs)
        {
            Add<string>("--influx", "Influx:Url", "URL", hub ? "Write to this InfluxDB too, beside the embedded store" : "Write to this InfluxDB");
            Add<string>("--influx-profile", "Influx:Profile", "v1|v2|v3", "Its write interface (default: v1)");
            Add<string>("--influx-database", "Influx:Database", "NAME", "Its database, or bucket with v2 (default: sensorhub)");
            Add<string>("--influx-org", "Influx:Org", "NAME", "Its organisation (v2)");
        }
        _keys.ForEach(k => command.Options.Add(k.Option));
        command.Options.Add(_config);

        void Add<T>(string name, string key, string helpName, string description) =>
            _keys.Add((new Option<T>(name) { Description = description, HelpName = helpName }, key));
    }

    /// <exception cref="UserException">The file cannot be read, or a value is outside its range.</exception>
    public HubOptions Read(ParseResult parsed)
    {
        var given = new Dictionary<string, string?>();
        foreach (var (option, key) in _keys)
            if (parsed.GetResult(option) is { Implicit: false } result)
                given[key] = result.Tokens[^1].Value;

        var environment = new ConfigurationBuilder().AddEnvironmentVariables("SENSORHUB_").Build();
        var data = given.GetValueOrDefault("Data") ?? environment["Data"] ?? DataFolder.DefaultPath;
        var file = parsed.GetValue(_config);
        if (file is not null && !File.Exists(file))
            throw new UserException($"The settings file {file} does not exist.");
        var path = Path.GetFullPath(file ?? Path.Combine(data, "sensorhub.json"));
        try
        {
            // A misspelt key would be a default in disguise. The environment may hold SENSORHUB_ variables of others.
            new ConfigurationBuilder().AddJsonFile(path, optional: true).Build().Get<HubOptions>(binder => binder.ErrorOnUnknownConfiguration = true);
            var options = new ConfigurationBuilder()
                .AddJsonFile(path, optional: true)
                .AddConfiguration(environment)
                .AddInMemoryCollection(SecretFiles.Read(environment))
                .AddInMemoryCollection(given)
                .Build()
                .Get<HubOptions>(binder => binder.ErrorOnUnknownConfiguration = false) ?? new HubOptions();
            options.Validate();
            return options;
        }
        catch (InvalidDataException e)
        {
            throw new UserException($"{path} is not JSON: {e.GetBaseException().Message.ReplaceLineEndings(" ")}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new UserException($"A setting in {path}, the environment or the command line cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
