using System.CommandLine;
using SensorHub.Core;
using SensorHub.Mqtt.Broker;

namespace SensorHub.Commands;

/// <summary><c>sensorhub mqtt</c>: who may do what at a broker.</summary>
public static class MqttCommand
{
    public static Command Create() => new("mqtt", "Set up accounts and rights at MQTT brokers.") { Acl(), Roles() };

    private static Command Acl()
    {
        var folder = new Option<string>("--out") { Description = "Folder for the files; run it again on the same folder to add hubs and users", HelpName = "FOLDER", Required = true };
        var hubs = new Option<string[]>("--hub") { Description = "A hub, which gets the account hub-NAME; may be given again (default: home)", HelpName = "NAME" };
        var users = new Option<string[]>("--user") { Description = "One more account, beside one of each role; may be given again", HelpName = "NAME:ROLE" };
        var port = new Option<int?>("--port") { Description = "Port of the TLS listener (default: 8883)", HelpName = "PORT" };
        var bind = new Option<string>("--bind") { Description = "Network address of the TLS listener (default: all)", HelpName = "ADDRESS" };
        var certificate = new Option<string>("--certificate") { Description = "mosquitto's certificate, PEM (default: /etc/mosquitto/certs/server.crt)", HelpName = "FILE" };
        var key = new Option<string>("--key") { Description = "Its key, PEM (default: /etc/mosquitto/certs/server.key)", HelpName = "FILE" };
        var command = new Command("acl", "Write the access list, password file and settings of a mosquitto 2, and the passwords for you. What exists is kept.")
        {
            folder, hubs, users, port, bind, certificate, key,
        };
        command.SetAction(parsed =>
        {
            var defaults = new MosquittoOptions();
            var options = defaults with
            {
                Hubs = [.. (parsed.GetValue(hubs) ?? []).Select(ReadHub)],
                Users = [.. (parsed.GetValue(users) ?? []).Select(ReadUser)],
                Port = (parsed.GetValue(port) ?? defaults.Port) is >= 1 and <= ushort.MaxValue and var valid ? valid : throw new UserException("--port takes 1 to 65535."),
                Bind = parsed.GetValue(bind),
                Certificate = parsed.GetValue(certificate) is { } c ? Path.GetFullPath(c) : defaults.Certificate,
                CertificateKey = parsed.GetValue(key) is { } k ? Path.GetFullPath(k) : defaults.CertificateKey,
            };
            var path = Path.GetFullPath(parsed.GetValue(folder)!);
            Print(path, options, MosquittoFiles.Write(path, options));
            return 0;
        });
        return command.WithExamples(
            ("mqtt acl --out /etc/mosquitto/sensorhub --hub home", "Accounts for one hub, its bridge, phones, tools and Home Assistant"),
            ("mqtt acl --out /etc/mosquitto/sensorhub --hub clinic --user grafana:reader", "Adds a second hub and one more reader; passwords that exist stay"));
    }

    private static Command Roles()
    {
        var command = new Command("roles", "List the roles of accounts, and what each may read and publish.");
        command.SetAction(_ =>
        {
            foreach (var role in RoleTable.All)
            {
                Terminal.Say($"{role.Name}: {role.For.Replace("`", "", StringComparison.Ordinal)}");
                Terminal.Say($"  reads      {Listed(role.Reads)}");
                Terminal.Say($"  publishes  {Listed(role.Publishes)}");
            }
            return 0;
        });
        return command.WithExamples(("mqtt roles", "The same at the embedded broker and at a mosquitto that 'mqtt acl' set up"));

        static string Listed(IReadOnlyList<string> filters) => filters.Count == 0 ? "nothing" : string.Join("  ", filters);
    }

    private static Slug ReadHub(string text) => Slug.TryParse(text, out var hub)
        ? hub
        : throw new UserException($"--hub is '{text}'; it takes 1 to {Slug.MaxLength} of a-z, 0-9 and '-', beginning with a letter or digit.");

    private static (string User, BrokerRole Role) ReadUser(string text) =>
        text.Split(':') is [var user, var name] && RoleTable.TryParse(name, out var role)
            ? (user, role)
            : throw new UserException($"--user is '{text}'; it takes NAME:ROLE, with one of the roles {string.Join(", ", RoleTable.All.Where(r => r.Role != BrokerRole.Hub).Select(r => r.Name))}.");

    private static void Print(string folder, MosquittoOptions options, MosquittoSetup setup)
    {
        Terminal.Say($"{folder} has {setup.Accounts.Count} accounts, {(setup.Added.Count == 0 ? "none new" : "new: " + string.Join(", ", setup.Added))}.");
        foreach (var account in setup.Accounts)
            Terminal.Say($"  {account.User,-20} {RoleTable.Of(account.Role).Name}{(account.Hub is null ? "" : $" of {account.Hub}")}");
        foreach (var note in setup.Notes)
            Terminal.Say($"Note: {note}");
        Terminal.Say($$"""
            Next:
              1. Put mosquitto's certificate and key at {{options.Certificate}} and {{options.CertificateKey}}, readable by its user.
              2. Let mosquitto read its files:    chown mosquitto {{Path.Combine(folder, MosquittoFiles.AclFile)}} {{Path.Combine(folder, MosquittoFiles.PasswordFile)}}
              3. Have it read the settings:       echo 'include_dir {{folder}}' > /etc/mosquitto/conf.d/sensorhub.conf
              4. Start it anew:                   systemctl restart mosquitto    (later, for new accounts: systemctl reload mosquitto)
              5. Give each part its account, by name and password from {{Path.Combine(folder, BrokerCredentials.FileName)}}; a hub in its sensorhub.json:
                 "Mqtt": {"Host": "…", "Port": {{options.Port}}, "Tls": true, "User": "{{setup.Accounts.First(a => a.Role == BrokerRole.Hub).User}}", "Password": "…"}
            """);
    }
}
