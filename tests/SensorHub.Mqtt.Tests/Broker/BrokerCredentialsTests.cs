using SensorHub.Core;
using SensorHub.Mqtt.Broker;

namespace SensorHub.Mqtt.Tests.Broker;

public sealed class BrokerCredentialsTests : IDisposable
{
    private readonly string _folder = ServerProcess.NewFolder();

    private string FilePath => Path.Combine(_folder, BrokerCredentials.FileName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void They_are_made_once_different_for_each_role_and_readable_by_the_owner_alone()
    {
        var made = BrokerCredentials.LoadOrCreate(_folder);
        var read = BrokerCredentials.LoadOrCreate(_folder);
        Assert.Equal(made.Accounts, read.Accounts);
        Assert.Equal(RoleTable.All.Select(role => (role.Role, role.Name)), made.Accounts.Select(a => (a.Role, a.User)));
        Assert.Equal(made.Accounts.Count, made.Accounts.Select(a => a.Password).Distinct().Count());
        Assert.All(made.Accounts, a => Assert.Equal(24, a.Password.Length));
        Assert.Single(Directory.GetFiles(_folder));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
    }

    [Fact]
    public void Rights_that_somebody_widened_are_taken_back()
    {
        if (OperatingSystem.IsWindows())
            return; // it has no file modes
        BrokerCredentials.LoadOrCreate(_folder);
        File.SetUnixFileMode(FilePath, (UnixFileMode)0b110_100_100);
        BrokerCredentials.LoadOrCreate(_folder);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
    }

    [Fact]
    public void A_password_that_a_person_wrote_into_the_file_is_used()
    {
        File.WriteAllText(FilePath, """
            {"accounts": [
              {"user": "me", "role": "hub", "password": "a"},
              {"user": "phone", "role": "control", "password": "b"},
              {"user": "grafana", "role": "reader", "password": "c"}
            ]}
            """);
        var credentials = BrokerCredentials.LoadOrCreate(_folder);
        Assert.Equal(new BrokerAccount("grafana", BrokerRole.Reader, "c"), credentials[BrokerRole.Reader]);
        Assert.Equal(BrokerRole.Hub, credentials.Find("me", "a"u8)?.Role);
        Assert.Null(credentials.Find("me", "c"u8));
        Assert.Null(credentials.Find(null, default));
    }

    [Fact]
    public void A_file_from_before_there_were_more_roles_gets_their_accounts_and_keeps_its_own()
    {
        File.WriteAllText(FilePath, """{"accounts": [{"user": "bridge", "role": "hub", "password": "a"}, {"user": "control", "role": "control", "password": "b"}, {"user": "reader", "role": "reader", "password": "c"}]}""");
        var completed = BrokerCredentials.LoadOrCreate(_folder);
        Assert.Equal([new("bridge", BrokerRole.Hub, "a"), new("control", BrokerRole.Control, "b"), new("reader", BrokerRole.Reader, "c")], completed.Accounts.Take(3));
        Assert.Equal(["bridge-2", "lab", "homeassistant"], completed.Accounts.Skip(3).Select(a => a.User));
        Assert.Equal(completed.Accounts, BrokerCredentials.LoadOrCreate(_folder).Accounts);
    }

    [Fact]
    public void The_account_of_another_hub_is_not_the_one_of_this()
    {
        File.WriteAllText(FilePath, """{"accounts": [{"user": "far", "role": "hub", "password": "a", "hub": "far"}]}""");
        var credentials = BrokerCredentials.LoadOrCreate(_folder);
        Assert.Equal("hub", credentials[BrokerRole.Hub].User);
        Assert.Equal("far", credentials.Find("far", "a"u8)?.Hub);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"accounts": []}""")]
    [InlineData("""{"accounts": [{"user": "me", "role": "king", "password": "a"}]}""")]
    [InlineData("""{"accounts": [{"user": "me", "role": "hub", "password": "a"}, {"user": "me", "role": "reader", "password": "b"}]}""")]
    [InlineData("""{"accounts": [{"user": "me", "role": "reader", "password": "a", "hub": "home"}]}""")]
    [InlineData("""{"accounts": [{"user": "me", "role": "hub", "password": "a", "hub": "Not a slug"}]}""")]
    [InlineData("""{"accounts": [{"user": "", "role": "hub", "password": "a"}, {"user": "c", "role": "control", "password": "a"}, {"user": "r", "role": "reader", "password": "a"}]}""")]
    public void A_broken_file_is_one_clear_line(string content)
    {
        File.WriteAllText(FilePath, content);
        var error = Assert.Throws<UserException>(() => BrokerCredentials.LoadOrCreate(_folder));
        Assert.StartsWith($"The MQTT credentials in '{FilePath}' cannot be used: ", error.Message);
        Assert.EndsWith("Mend the file, or delete it to have new ones made.", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_one_clear_line()
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        var error = Assert.Throws<UserException>(() => BrokerCredentials.LoadOrCreate(Path.Combine(_folder, "file")));
        Assert.Contains("cannot be read or written", error.Message);
    }
}
