using System.Text;
using SensorHub.Web.Tests.Accounts;

namespace SensorHub.Web.Tests.Access;

public sealed class AccessPageTests
{
    /// <summary>An endpoint that is new, or needs something else than it did, changes the page: review the difference like code.</summary>
    [Fact]
    public async Task The_documentation_has_every_endpoint_act_and_topic_as_the_rules_have_them()
    {
        await using var community = await Community.StartAsync(EndpointMatrixTests.Everything);
        var file = Repository.PathOf("docs", "access.md");
        var page = AccessPage.Write(EndpointMatrixTests.Endpoints(community));
        if (Repository.UpdatesGoldenFiles)
            await File.WriteAllTextAsync(file, page, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(file, Encoding.UTF8, TestContext.Current.CancellationToken), page);
        Assert.DoesNotContain("says nothing**", page, StringComparison.Ordinal);
    }
}
