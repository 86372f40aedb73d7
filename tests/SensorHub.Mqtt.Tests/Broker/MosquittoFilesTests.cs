using SensorHub.Core;
using SensorHub.Mqtt.Broker;

namespace SensorHub.Mqtt.Tests.Broker;

/// <summary>What is written; that mosquitto reads it so is shown by <see cref="RoleMatrixTests"/>.</summary>
public sealed class MosquittoFilesTests : IDisposable
{
    private static readonly Slug Home = Slug.Parse("home");
    private static readonly Slug Clinic = Slug.Parse("clinic");

    private readonly string _folder = ServerProcess.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string[] Passwords => File.ReadAllLines(Path.Combine(_folder, MosquittoFiles.PasswordFile));

    private string Acl => File.ReadAllText(Path.Combine(_folder, MosquittoFiles.AclFile));

    [Fact]
    public void Written_again_they_get_what_is_new_and_keep_every_password()
    {
        var first = MosquittoFiles.Write(_folder, new() { Hubs = [Home] });
        Assert.Equal(["hub-home", "bridge", "control", "reader", "lab", "homeassistant"], first.Added);
        var passwords = Passwords;
        File.AppendAllText(Path.Combine(_folder, MosquittoFiles.PasswordFile), "by-hand:$7$101$AAAA$BBBB\n");
        File.AppendAllText(Path.Combine(_folder, MosquittoFiles.AclFile), "user by-hand\ntopic read weather/#\n");

        var second = MosquittoFiles.Write(_folder, new() { Hubs = [Home, Clinic], Users = [("grafana", BrokerRole.Reader)] });

        Assert.Equal(["hub-clinic", "grafana"], second.Added);
        Assert.Equal(first.Accounts, second.Accounts.Take(6));
        Assert.Empty(second.Notes);
        Assert.Equal([.. passwords, "by-hand:$7$101$AAAA$BBBB"], Passwords.Take(7));
        Assert.Equal(9, Passwords.Length);
        Assert.EndsWith(MosquittoFiles.Yours + "\nuser by-hand\ntopic read weather/#\n", Acl);
        Assert.Contains("user hub-clinic\ntopic readwrite sensorhub/1/clinic/#\n", Acl);
        var (acl, lines) = (Acl, Passwords);
        Assert.Empty(MosquittoFiles.Write(_folder, new()).Added);
        Assert.Equal((acl, string.Join('|', lines)), (Acl, string.Join('|', Passwords)));
    }

    [Fact]
    public void A_password_is_in_the_credentials_for_its_owner_alone_and_nowhere_else()
    {
        var setup = MosquittoFiles.Write(_folder, new());
        foreach (var account in setup.Accounts)
        {
            Assert.True(MosquittoFiles.IsPassword(Passwords.Single(l => l.StartsWith(account.User + ":", StringComparison.Ordinal)), account.Password));
            Assert.All([MosquittoFiles.AclFile, MosquittoFiles.PasswordFile, MosquittoFiles.ConfigurationFile], file => Assert.DoesNotContain(account.Password, File.ReadAllText(Path.Combine(_folder, file))));
        }
        if (OperatingSystem.IsWindows())
            return; // it has no file modes
        foreach (var file in new[] { BrokerCredentials.FileName, MosquittoFiles.PasswordFile, MosquittoFiles.AclFile })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, file)));
    }

    [Fact]
    public void A_password_changed_with_mosquittos_own_tool_stays_and_is_told_of()
    {
        MosquittoFiles.Write(_folder, new());
        var mine = MosquittoFiles.PasswordLine("reader", "my own");
        File.WriteAllLines(Path.Combine(_folder, MosquittoFiles.PasswordFile), Passwords.Select(l => l.StartsWith("reader:", StringComparison.Ordinal) ? mine : l));
        var again = MosquittoFiles.Write(_folder, new());
        Assert.Contains(mine, Passwords);
        Assert.StartsWith("The password of 'reader' in sensorhub.passwords is not the one in", Assert.Single(again.Notes));
    }

    [Fact]
    public void Settings_that_are_there_are_the_operators()
    {
        MosquittoFiles.Write(_folder, new());
        var again = MosquittoFiles.Write(_folder, new() { Port = 1884 });
        Assert.Contains("listener 8883\n", File.ReadAllText(Path.Combine(_folder, MosquittoFiles.ConfigurationFile)));
        Assert.Equal("sensorhub.conf is left as it is; delete it to have it made anew.", Assert.Single(again.Notes));
    }

    [Fact]
    public void What_cannot_be_done_is_one_clear_line_and_changes_nothing()
    {
        MosquittoFiles.Write(_folder, new());
        var (acl, passwords) = (Acl, Passwords);
        foreach (var (options, reason) in new (MosquittoOptions, string)[]
        {
            (new() { Users = [("x", BrokerRole.Hub)] }, "give --hub NAME instead"),
            (new() { Users = [("a b", BrokerRole.Reader)] }, "is no user name"),
            (new() { Users = [("a:b", BrokerRole.Reader)] }, "is no user name"),
            (new() { Users = [("a\nuser b", BrokerRole.Reader)] }, "is no user name"),
            (new() { Users = [("bridge", BrokerRole.Reader)] }, "is there already, with the role bridge"),
        })
        {
            Assert.Contains(reason, Assert.Throws<UserException>(() => MosquittoFiles.Write(_folder, options)).Message);
            Assert.Equal(acl, Acl);
            Assert.Equal(passwords, Passwords);
        }
        File.AppendAllText(Path.Combine(_folder, MosquittoFiles.PasswordFile), "lost:$7$101$AAAA$BBBB\n");
        Assert.Contains("has a password in sensorhub.passwords but none in", Assert.Throws<UserException>(() => MosquittoFiles.Write(_folder, new() { Users = [("lost", BrokerRole.Reader)] })).Message);
    }

    [Theory]
    [InlineData("u:$7$101$MDEyMzQ1Njc4OWFi$EO/lLlkeUgIiBaS8G8UK0ZMP1u508TA7Tl+AdJ1cEsmlbGyEPAERErpfq84j1kepISs0UzmcdL4ucgZ2uodxfQ==", "secret", true)]
    [InlineData("u:$6$MDEyMzQ1Njc4OWFi$AAAA", "secret", false)]
    [InlineData("u:$7$x$MDEy$AAAA", "secret", false)]
    [InlineData("u:$7$1$%%%$AAAA", "secret", false)]
    [InlineData("u", "secret", false)]
    public void A_line_is_read_as_mosquitto_reads_it(string line, string password, bool right) => Assert.Equal(right, MosquittoFiles.IsPassword(line, password));
}
