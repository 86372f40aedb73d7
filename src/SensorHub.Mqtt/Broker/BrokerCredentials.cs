using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SensorHub.Core;

namespace SensorHub.Mqtt.Broker;

/// <param name="Hub">The hub that an account of the role <c>hub</c> is of, a slug; null: any, as for the hub that the broker is a part of.</param>
public sealed record BrokerAccount(string User, BrokerRole Role, string Password, string? Hub = null);

/// <summary>
/// The accounts of the embedded broker: made at the first run, kept in the data folder, readable by their owner alone.
/// Edit the file to change a password, delete it to have new ones made.
/// </summary>
public sealed partial class BrokerCredentials
{
    public const string FileName = "mqtt-credentials.json";

    /// <exception cref="ArgumentException">An account has no user name or password, two have the same name, or a hub's name is none.</exception>
    public BrokerCredentials(IReadOnlyList<BrokerAccount> accounts)
    {
        if (accounts.FirstOrDefault(a => string.IsNullOrEmpty(a.User) || string.IsNullOrEmpty(a.Password)) is { } empty)
            throw new ArgumentException($"account '{empty.User}' has no user name or no password", nameof(accounts));
        if (accounts.FirstOrDefault(a => a.Hub is { } hub && (a.Role != BrokerRole.Hub || !Slug.TryParse(hub, out _))) is { } stray)
            throw new ArgumentException($"account '{stray.User}' is of the hub '{stray.Hub}': only accounts with the role hub have one, 1 to {Slug.MaxLength} of a-z, 0-9 and '-'", nameof(accounts));
        if (accounts.GroupBy(a => a.User).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"the user name '{twice.Key}' stands there twice", nameof(accounts));
        Accounts = accounts;
    }

    public IReadOnlyList<BrokerAccount> Accounts { get; }

    /// <summary>New accounts, one of each role.</summary>
    public static BrokerCredentials Generate() => new BrokerCredentials([]).Completed();

    /// <summary>A random password of 143 bits.</summary>
    public static string NewPassword() => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 24);

    /// <summary>Reads the file in this folder, adds an account for each role that has none; makes it, and the folder, if they are not there.</summary>
    /// <exception cref="UserException">The file is broken, or the folder cannot be written.</exception>
    public static BrokerCredentials LoadOrCreate(string folder) => Load(folder, credentials => credentials.Completed());

    /// <summary>Reads the file in this folder, if it is there, and writes it if <paramref name="change"/> changed something.</summary>
    /// <exception cref="UserException">The file is broken, or the folder cannot be written.</exception>
    public static BrokerCredentials Load(string folder, Func<BrokerCredentials, BrokerCredentials> change)
    {
        var file = Path.Combine(folder, FileName);
        try
        {
            Directory.CreateDirectory(folder);
            var read = new BrokerCredentials([]);
            if (File.Exists(file))
            {
                if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(file) != OwnersFile.Mode)
                    File.SetUnixFileMode(file, OwnersFile.Mode);
                read = new BrokerCredentials(JsonSerializer.Deserialize(File.ReadAllBytes(file), FileJson.Default.ContentOfFile)?.Accounts is { Count: > 0 } accounts
                    ? accounts
                    : throw new JsonException("it is empty"));
            }
            var changed = change(read);
            if (!changed.Accounts.SequenceEqual(read.Accounts))
                OwnersFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(new ContentOfFile(changed.Accounts), FileJson.Default.ContentOfFile));
            return changed;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new UserException($"The MQTT credentials in '{file}' cannot be used: {e.Message.ReplaceLineEndings(" ")}. Mend the file, or delete it to have new ones made.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The MQTT credentials in '{file}' cannot be read or written: {e.Message} Check the rights of the data folder.", e);
        }
    }

    /// <summary>The account for the parts of this process.</summary>
    public BrokerAccount this[BrokerRole role] => Accounts.First(a => a.Role == role && a.Hub is null);

    /// <summary>The account that user and password belong to, or null. Takes as long for a wrong password as for a right one.</summary>
    internal BrokerAccount? Find(string? user, ReadOnlySpan<byte> password)
    {
        foreach (var account in Accounts)
            if (account.User == user)
                return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(account.Password), password) ? account : null;
        return null;
    }

    private BrokerCredentials Completed()
    {
        var missing = RoleTable.All.Where(role => !Accounts.Any(a => a.Role == role.Role && a.Hub is null));
        return new BrokerCredentials([.. Accounts, .. missing.Select(role => new BrokerAccount(FreeName(role.Name), role.Role, NewPassword()))]);
    }

    /// <summary>The role's name, or one like it if somebody gave that to another account.</summary>
    private string FreeName(string name) =>
        Enumerable.Range(1, int.MaxValue).Select(i => i == 1 ? name : $"{name}-{i}").First(free => Accounts.All(a => a.User != free));

    private sealed record ContentOfFile(IReadOnlyList<BrokerAccount> Accounts);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(ContentOfFile))]
    private sealed partial class FileJson : JsonSerializerContext;
}
