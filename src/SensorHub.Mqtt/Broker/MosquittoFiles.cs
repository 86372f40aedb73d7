using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SensorHub.Core;

namespace SensorHub.Mqtt.Broker;

/// <summary>What a mosquitto is to be set up with.</summary>
public sealed record MosquittoOptions
{
    /// <summary>Hubs; each gets an account <c>hub-NAME</c>.</summary>
    public IReadOnlyList<Slug> Hubs { get; init; } = [];

    /// <summary>More accounts, beside one of each role.</summary>
    public IReadOnlyList<(string User, BrokerRole Role)> Users { get; init; } = [];

    /// <summary>1 to 65535.</summary>
    public int Port { get; init; } = 8883;

    /// <summary>Network address to listen on; null: all.</summary>
    public string? Bind { get; init; }

    /// <summary>PEM file of mosquitto's certificate.</summary>
    public string Certificate { get; init; } = "/etc/mosquitto/certs/server.crt";

    /// <summary>PEM file of its key.</summary>
    public string CertificateKey { get; init; } = "/etc/mosquitto/certs/server.key";
}

/// <param name="Accounts">All that there are now.</param>
/// <param name="Added">Users that are new.</param>
/// <param name="Notes">What was left as it is though it differs, a line each.</param>
public sealed record MosquittoSetup(IReadOnlyList<BrokerAccount> Accounts, IReadOnlyList<string> Added, IReadOnlyList<string> Notes);

/// <summary>
/// mosquitto's access list, password file and settings, made from <see cref="RoleTable"/>. Written again, they get what is new: a password that exists stays, and so does
/// what the operator added.
/// </summary>
public static class MosquittoFiles
{
    public const string AclFile = "sensorhub.acl";
    public const string PasswordFile = "sensorhub.passwords";
    public const string ConfigurationFile = "sensorhub.conf";

    /// <summary>What stands behind this line in the access list is the operator's.</summary>
    public const string Yours = "# Below this line is yours: it stays when this file is written again.";

    /// <exception cref="UserException">A name is none, or is taken; a file is broken or cannot be written. The message says what to do.</exception>
    public static MosquittoSetup Write(string folder, MosquittoOptions options)
    {
        folder = Path.GetFullPath(folder);
        foreach (var (user, role) in options.Users)
        {
            if (user.Length is 0 or > 64 || !user.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
                throw new UserException($"'{user}' is no user name: it takes 1 to 64 letters, digits, '-', '_' and '.'.");
            if (role == BrokerRole.Hub)
                throw new UserException($"The account '{user}' with the role hub needs a hub to be of: give --hub NAME instead, and it is called hub-NAME.");
        }
        var (passwords, added) = (Path.Combine(folder, PasswordFile), new List<string>());
        try
        {
            var lines = File.Exists(passwords) ? File.ReadAllLines(passwords).Where(l => l.Length > 0).ToList() : [];
            var accounts = BrokerCredentials.Load(folder, credentials => With(credentials, options, lines, added)).Accounts;
            var notes = new List<string>();
            foreach (var account in accounts)
            {
                if (LineOf(lines, account.User) is not { } line)
                    lines.Add(PasswordLine(account.User, account.Password));
                else if (!IsPassword(line, account.Password))
                    notes.Add($"The password of '{account.User}' in {PasswordFile} is not the one in {BrokerCredentials.FileName}; both are left as they are.");
            }
            WriteInPlace(passwords, string.Join('\n', lines) + "\n");
            var acl = Path.Combine(folder, AclFile);
            WriteInPlace(acl, Acl(accounts) + (File.Exists(acl) ? OperatorsPart(File.ReadAllText(acl)) : ""));
            var configuration = Path.Combine(folder, ConfigurationFile);
            var wanted = Configuration(folder, options);
            if (!File.Exists(configuration))
                File.WriteAllText(configuration, wanted); // no secret, and mosquitto reads it again as its own user
            else if (File.ReadAllText(configuration) != wanted)
                notes.Add($"{ConfigurationFile} is left as it is; delete it to have it made anew.");
            return new MosquittoSetup(accounts, added, notes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The files for mosquitto in {folder} cannot be read or written: {e.Message.TrimEnd('.')}. Check the folder's rights, or choose another with --out.", e);
        }
    }

    /// <summary>mosquitto's access list. Topics that it does not name are closed, <c>$SYS</c> among them.</summary>
    public static string Acl(IEnumerable<BrokerAccount> accounts)
    {
        var text = new StringBuilder("# Written by 'sensorhub mqtt acl' from its table of roles.\n");
        foreach (var account in accounts)
        {
            var role = RoleTable.Of(account.Role).Of(account.Hub is { } hub ? Slug.Parse(hub) : null);
            text.Append(CultureInfo.InvariantCulture, $"\n# {role.Name}{(account.Hub is null ? "" : $" of {account.Hub}")}: {role.For}\nuser {account.User}\n");
            foreach (var filter in role.Reads.Union(role.Publishes))
                text.Append(CultureInfo.InvariantCulture, $"topic {(!role.Publishes.Contains(filter) ? "read" : role.Reads.Contains(filter) ? "readwrite" : "write")} {filter}\n");
        }
        return text.Append('\n').Append(Yours).Append('\n').ToString();
    }

    /// <summary>A line of mosquitto's password file: <c>user:$7$iterations$salt$hash</c>, PBKDF2 with SHA-512, 12 bytes of salt and 64 of hash (mosquitto 2.0).</summary>
    public static string PasswordLine(string user, string password)
    {
        // A random password of 143 bits is not guessed from its hash; mosquitto computes this at each connect.
        const int iterations = 1000;
        var salt = RandomNumberGenerator.GetBytes(12);
        return string.Create(CultureInfo.InvariantCulture, $"{user}:$7${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Hash(password, salt, iterations))}");
    }

    /// <summary>False too for a line that is made in another way.</summary>
    public static bool IsPassword(string line, string password)
    {
        if (line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('$') is not ["", "7", var count, var salt, var hash] || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations < 1)
            return false;
        try
        {
            return CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(hash), Hash(password, Convert.FromBase64String(salt), iterations));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static byte[] Hash(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA512, outputLength: 64);

    private static BrokerCredentials With(BrokerCredentials credentials, MosquittoOptions options, List<string> passwords, List<string> added)
    {
        var accounts = credentials.Accounts.ToList();
        var hubs = options.Hubs.Count > 0 || accounts.Exists(a => a.Role == BrokerRole.Hub) ? options.Hubs : [Slug.Parse("home")];
        foreach (var hub in hubs)
            Add($"hub-{hub}", BrokerRole.Hub, hub.ToString());
        foreach (var role in RoleTable.All.Where(role => role.Role != BrokerRole.Hub && !accounts.Exists(a => a.Role == role.Role)))
            Add(role.Name, role.Role, null);
        foreach (var (user, role) in options.Users)
            Add(user, role, null);
        return new BrokerCredentials(accounts);

        void Add(string user, BrokerRole role, string? hub)
        {
            if (accounts.Find(a => a.User == user) is { } known)
            {
                if (known.Role != role || known.Hub != hub)
                    throw new UserException($"The account '{user}' is there already, with the role {RoleTable.Of(known.Role).Name}: choose another name, or remove it from {BrokerCredentials.FileName} and {PasswordFile}.");
                return;
            }
            if (LineOf(passwords, user) is not null)
                throw new UserException($"The account '{user}' has a password in {PasswordFile} but none in {BrokerCredentials.FileName}: write it there, or remove its line from {PasswordFile} to have a new one made.");
            accounts.Add(new BrokerAccount(user, role, BrokerCredentials.NewPassword(), hub));
            added.Add(user);
        }
    }

    private static string? LineOf(List<string> passwords, string user) => passwords.Find(l => l.StartsWith(user + ":", StringComparison.Ordinal));

    private static string OperatorsPart(string acl) => acl.IndexOf(Yours, StringComparison.Ordinal) is >= 0 and var at ? acl[(at + Yours.Length)..].TrimStart('\r', '\n') : "";

    private static string Configuration(string folder, MosquittoOptions options) => $"""
        # SensorHub's part of the settings of mosquitto 2, written once by 'sensorhub mqtt acl': yours to change.
        listener {options.Port}{(options.Bind is null ? "" : " " + options.Bind)}
        certfile {options.Certificate}
        keyfile {options.CertificateKey}
        tls_version tlsv1.2

        allow_anonymous false
        password_file {Path.Combine(folder, PasswordFile)}
        acl_file {Path.Combine(folder, AclFile)}

        # mosquitto acknowledges before it writes: this bounds what a crash loses. The hubs' outboxes send it again.
        persistence true
        autosave_on_changes true
        autosave_interval 100

        # The default, 1000, loses messages when a reader is behind, as in a fast replay.
        max_queued_messages 0
        # A bridge that is away for longer begins a new session; the outboxes have what it missed.
        persistent_client_expiration 14d
        max_packet_size 262144

        """.ReplaceLineEndings("\n");

    /// <summary>A file that is there keeps its owner and rights: mosquitto's own user has to read it.</summary>
    private static void WriteInPlace(string file, string text)
    {
        if (File.Exists(file))
            File.WriteAllText(file, text);
        else
            OwnersFile.Write(file, Encoding.UTF8.GetBytes(text));
    }
}
