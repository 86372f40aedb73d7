using SensorHub.Mqtt.Broker;

namespace SensorHub.Mqtt.Tests.Broker;

public sealed class RoleTableTests
{
    [Fact]
    public void The_README_has_the_table()
    {
        var readme = Repository.PathOf("src", "SensorHub.Mqtt", "README.md");
        var text = File.ReadAllText(readme);
        var begin = text.IndexOf("| role | for |", StringComparison.Ordinal);
        var end = text.IndexOf("\n\n", begin, StringComparison.Ordinal) + 1;
        if (Repository.UpdatesGoldenFiles)
            File.WriteAllText(readme, text[..begin] + RoleTable.ToMarkdown() + text[end..]);
        else
            Assert.Equal(RoleTable.ToMarkdown(), text[begin..end]);
    }

    [Fact]
    public void There_is_one_row_for_each_role()
    {
        Assert.Equal(Enum.GetValues<BrokerRole>().Order(), RoleTable.All.Select(r => r.Role).Order());
        foreach (var role in RoleTable.All)
        {
            Assert.True(RoleTable.TryParse(role.Name, out var parsed));
            Assert.Equal(role.Role, parsed);
        }
        Assert.False(RoleTable.TryParse("king", out _));
    }
}
