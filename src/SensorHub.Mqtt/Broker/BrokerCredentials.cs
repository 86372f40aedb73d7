using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SensorHub.Core;

namespace SensorHub.Mqtt.Broker;

/// <summary>What an account may do at the embedded broker.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BrokerRole>))]
public enum BrokerRole
{
    /// <summary>The hub's own parts: everything; their sessions survive a lost connection, and publishers wait for them.</summary>
    [JsonStringEnumMemberName("hub")]
    Hub = 1,

    /// <summary>A phone or a page: reads, and sends commands.</summary>
    [JsonStringEnumMemberName("control")]
    Control = 2,

    /// <summary>People's tools: read.</summary>
    [JsonStringEnumMemberName("reader")]
    Reader = 3,
}

public sealed record BrokerAccount(string User, BrokerRole Role, string Password);

/// <summary>
/// The accounts of the embedded broker: made at the first run, kept in the data folder, readable by their owner alone.
/// Edit the file to change a password, delete it to have new ones made.
/// </summary>
public sealed partial class BrokerCredentials
{
    public const string FileName = "mqtt-credentials.json";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public BrokerCredentials(IReadOnlyList<BrokerAccount> accounts)
    {
        foreach (var role in Enum.GetValues<BrokerRole>())
            if (!accounts.Any(a => a.Role == role))
                throw new ArgumentException($"an account with the role '{role}' is missing", nameof(accounts));
        if (accounts.FirstOrDefault(a => string.IsNullOrEmpty(a.User) || string.IsNullOrEmpty(a.Password)) is { } empty)
            throw new ArgumentException($"account '{empty.User}' has no user name or no password", nameof(accounts));
        Accounts = accounts;
    }

    public IReadOnlyList<BrokerAccount> Accounts { get; }

    /// <summary>New accounts with random passwords of 143 bits.</summary>
    public static BrokerCredentials Generate() => new(
    [
        .. Enum.GetValues<BrokerRole>().Select(role => new BrokerAccount(
            role.ToString().ToLowerInvariant(), role, RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 24))),
    ]);

    /// <summary>Reads the file in this folder; makes it, and the folder, if they are not there.</summary>
    /// <exception cref="UserException">The file is broken, or the folder cannot be written.</exception>
    public static BrokerCredentials LoadOrCreate(string folder)
    {
        var file = Path.Combine(folder, FileName);
        try
        {
            if (File.Exists(file))
            {
                if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(file) != OwnerOnly)
                    File.SetUnixFileMode(file, OwnerOnly);
                return new BrokerCredentials(JsonSerializer.Deserialize(File.ReadAllBytes(file), FileJson.Default.ContentOfFile)?.Accounts
                    ?? throw new JsonException("it is empty"));
            }
            Directory.CreateDirectory(folder);
            var credentials = Generate();
            credentials.Save(file);
            return credentials;
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

    public BrokerAccount this[BrokerRole role] => Accounts.First(a => a.Role == role);

    /// <summary>The account that user and password belong to, or null. Takes as long for a wrong password as for a right one.</summary>
    internal BrokerAccount? Find(string? user, ReadOnlySpan<byte> password)
    {
        foreach (var account in Accounts)
            if (account.User == user)
                return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(account.Password), password) ? account : null;
        return null;
    }

    private void Save(string file)
    {
        // Written aside and renamed: a crash in between leaves no half file, and nobody can read it for a moment.
        var aside = file + ".tmp";
        File.Delete(aside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(aside, options))
            JsonSerializer.Serialize(stream, new ContentOfFile(Accounts), FileJson.Default.ContentOfFile);
        File.Move(aside, file);
    }

    private sealed record ContentOfFile(IReadOnlyList<BrokerAccount> Accounts);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(ContentOfFile))]
    private sealed partial class FileJson : JsonSerializerContext;
}
