using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using SensorHub.Web.Access;
using SensorHub.Web.Accounts;
using SensorHub.Web.People;
using SensorHub.Web.Tests.Accounts;
using SensorHub.Web.Tests.Board;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Security;

/// <summary>What people write of themselves is text on every page of everybody else, whatever it looks like. Of messages, notes and cues the tests of the board say the same.</summary>
public sealed class StoredTextTests(Browser browser)
{
    private const string Bad = "<img src=x onerror=document.title=1>";

    [Fact]
    public async Task Names_and_words_of_consents_are_text_on_board_persons_page_people_consents_and_log()
    {
        await using var community = await Community.StartAsync();
        var anna = await community.AddAsync("anna", Role.Subject);
        await community.AddAsync("gina", Role.Admin);
        Account carl;
        await using (var scope = community.Web.Services.CreateAsyncScope())
            carl = await scope.ServiceProvider.GetRequiredService<Enrolment>().MakeAsync("carl", Bad, Community.Password, Role.Therapist, default, default);
        (await Community.PostFormAsync(await community.SignInAsync("anna"), "/account", "body", ("Body.Alias", Bad))).Dispose();
        var until = TimeProvider.System.GetUtcNow().AddDays(9);
        await community.Web.Services.GetRequiredService<Consents>().GrantAsync(Community.ViewerOf(anna), carl.Id, ConsentPurpose.Care, Bad, until, default);

        Clinic.Play(community.Web, new Person("anna"), 1);
        var therapist = await community.OpenAsync(browser, "carl", "/board");
        await IsTextAsync(therapist, therapist.Locator("[data-subject='anna'] [data-field='alias']"));
        await therapist.GotoAsync(new Uri(community.Web.Address, "/board/anna").ToString());
        await IsTextAsync(therapist, therapist.Locator("h1"));
        var subject = await community.OpenAsync(browser, "anna", "/account/log");
        await IsTextAsync(subject, subject.Locator("td").Filter(new() { HasText = Bad }).First);
        await subject.GotoAsync(new Uri(community.Web.Address, "/account/consents").ToString());
        await IsTextAsync(subject, subject.Locator(".consents li"));
        await subject.GotoAsync(new Uri(community.Web.Address, "/account").ToString());
        await Expect(subject.GetByLabel("What your therapist sees as your name")).ToHaveValueAsync(Bad);
        var admin = await community.OpenAsync(browser, "gina", "/people");
        await IsTextAsync(admin, admin.Locator(".accounts li").Filter(new() { HasText = Bad }).First);
    }

    private static async Task IsTextAsync(IPage page, ILocator place)
    {
        await Expect(place).ToContainTextAsync(Bad);
        Assert.Equal(0, await page.Locator("img[src='x']").CountAsync());
        Assert.NotEqual("1", await page.TitleAsync());
    }
}
