using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using SensorHub.Core;
using SensorHub.Web.Access;
using SensorHub.Web.People;

namespace SensorHub.Web.Tests.Accounts;

public sealed class ConsentTests : IAsyncLifetime
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Community _community = null!;

    public async ValueTask InitializeAsync() => _community = await Community.StartAsync();

    public ValueTask DisposeAsync() => _community.DisposeAsync();

    [Fact]
    public async Task A_live_stream_ends_when_the_consent_is_withdrawn()
    {
        var (anna, carl) = (await _community.AddAsync("anna", Role.Subject), await _community.AddAsync("carl", Role.Therapist));
        await _community.GrantAsync(anna, carl, ConsentPurpose.Care);
        var client = await _community.SignInAsync("carl");
        using var answer = await client.GetAsync("/live/stream?subject=anna", HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancelled));
        Assert.Equal("event: snapshot", await reader.ReadLineAsync(Cancelled));

        var since = TimeProvider.System.GetTimestamp();
        await _community.WithdrawAllAsync(anna);
        while (await reader.ReadLineAsync(Cancelled) is not null)
        {
            // until it ends
        }
        TestContext.Current.SendDiagnosticMessage($"ended {TimeProvider.System.GetElapsedTime(since).TotalMilliseconds:0} ms after it was withdrawn");

        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/live/stream?subject=anna", HttpCompletionOption.ResponseHeadersRead, Cancelled)).StatusCode);
    }

    [Fact]
    public async Task A_live_stream_ends_when_the_account_that_watches_is_closed()
    {
        var (anna, carl) = (await _community.AddAsync("anna", Role.Subject), await _community.AddAsync("carl", Role.Therapist));
        await _community.AddAsync("gina", Role.Admin);
        await _community.GrantAsync(anna, carl, ConsentPurpose.Care);
        var (client, admin) = (await _community.SignInAsync("carl"), await _community.SignInAsync("gina"));
        using var answer = await client.GetAsync("/live/stream?subject=anna", HttpCompletionOption.ResponseHeadersRead, Cancelled);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancelled));
        Assert.Equal("event: snapshot", await reader.ReadLineAsync(Cancelled));

        (await Community.PostFormAsync(admin, "/people", $"close-{carl.Id}", ("Closed", carl.Id))).Dispose();

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (await reader.ReadLineAsync(patience.Token) is not null)
        {
            // until it ends
        }
    }

    [Fact]
    public async Task Who_reads_the_accounts_keeps_nobody_from_writing()
    {
        var (anna, carl) = (await _community.AddAsync("anna", Role.Subject), await _community.AddAsync("carl", Role.Therapist));
        await using var reading = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_community.People};Mode=ReadOnly;Pooling=False");
        await reading.OpenAsync(Cancelled);
        var accounts = new Microsoft.Data.Sqlite.SqliteCommand("SELECT * FROM AspNetUsers", reading);
        await using var reader = await accounts.ExecuteReaderAsync(Cancelled);
        Assert.True(await reader.ReadAsync(Cancelled)); // and is not done yet

        await _community.GrantAsync(anna, carl, ConsentPurpose.Care);
        await _community.WithdrawAllAsync(anna);

        Assert.Contains(await _community.Web.Services.GetRequiredService<AuditLog>().ListAsync(Slug.Parse("anna"), 10, Cancelled), entry => entry.AccountId == anna.Id);
    }

    [Fact]
    public async Task Nobody_begins_a_session_in_the_name_of_another()
    {
        await _community.AddAsync("anna", Role.Subject);
        await _community.AddAsync("bert", Role.Subject);
        var client = await _community.SignInAsync("anna");
        using var command = new StringContent("""{"command":"begin_session","schema":"command/1","session":"s1","subject":"bert"}""", System.Text.Encoding.UTF8, "application/json");

        using var answer = await client.PostAsync("/live/command", command, Cancelled);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("one's own name", (await answer.Content.ReadAsStringAsync(Cancelled)).Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consent_is_over_on_its_day_and_one_for_a_study_is_none_for_care()
    {
        var (anna, carl) = (await _community.AddAsync("anna", Role.Subject), await _community.AddAsync("carl", Role.Therapist | Role.Researcher));
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var consents = ActivatorUtilities.CreateInstance<Consents>(_community.Web.Services, time);
        await consents.GrantAsync(Community.ViewerOf(anna), carl.Id, ConsentPurpose.Study, "", time.GetUtcNow().AddDays(2), Cancelled);

        Assert.Equal(ConsentState.Study, await consents.OfAsync(Community.ViewerOf(carl), Slug.Parse("anna"), Cancelled));
        time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(ConsentState.None, await consents.OfAsync(Community.ViewerOf(carl), Slug.Parse("anna"), Cancelled));
    }

    [Fact]
    public async Task Nobody_withdraws_the_consent_of_another()
    {
        var (anna, bert, carl) = (await _community.AddAsync("anna", Role.Subject), await _community.AddAsync("bert", Role.Subject), await _community.AddAsync("carl", Role.Therapist));
        await _community.GrantAsync(anna, carl, ConsentPurpose.Care);
        var consents = _community.Web.Services.GetRequiredService<Consents>();
        var consent = (await consents.ListAsync(Slug.Parse("anna"), Cancelled)).Single();

        await consents.WithdrawAsync(Community.ViewerOf(bert), consent.Id, Cancelled);

        Assert.Equal(ConsentState.Care, await consents.OfAsync(Community.ViewerOf(carl), Slug.Parse("anna"), Cancelled));
    }

    [Fact]
    public async Task A_consent_to_somebody_without_the_role_is_refused()
    {
        var (anna, bert) = (await _community.AddAsync("anna", Role.Subject), await _community.AddAsync("bert", Role.Subject));
        await Assert.ThrowsAsync<UserException>(() => _community.GrantAsync(anna, bert, ConsentPurpose.Care));
    }

    [Fact]
    public async Task The_subject_reads_who_looked_and_who_was_refused()
    {
        var (anna, carl) = (await _community.AddAsync("anna", Role.Subject), await _community.AddAsync("carl", Role.Therapist));
        var therapist = await _community.SignInAsync("carl");
        (await therapist.GetAsync("/live/stream?subject=anna", HttpCompletionOption.ResponseHeadersRead, Cancelled)).Dispose();
        await _community.GrantAsync(anna, carl, ConsentPurpose.Care);
        (await therapist.GetAsync("/live/stream?subject=anna", HttpCompletionOption.ResponseHeadersRead, Cancelled)).Dispose();

        var page = await (await _community.SignInAsync("anna")).GetStringAsync("/account/log", Cancelled);

        Assert.Contains("<td>carl</td><td>tried, and was refused</td>", page, StringComparison.Ordinal);
        Assert.Contains("<td>carl</td><td>watched live</td>", page, StringComparison.Ordinal);
        Assert.Contains("consent", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task However_many_names_somebody_tries_the_log_gets_one_line_in_ten_minutes_with_their_number()
    {
        var carl = await _community.AddAsync("carl", Role.Therapist);
        var client = await _community.SignInAsync("carl");
        for (var i = 0; i < 30; i++)
            using (var answer = await client.GetAsync($"/live/stream?subject=name{i}", HttpCompletionOption.ResponseHeadersRead, Cancelled))
                Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(["a name that nobody has"], await RefusedAsync());

        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var audit = ActivatorUtilities.CreateInstance<AuditLog>(_community.Web.Services, time);
        for (var minute = 0; minute < 21; minute++, time.Advance(TimeSpan.FromMinutes(1)))
            for (var i = 0; i < 5; i++)
                await audit.LookedAsync(Community.ViewerOf(carl), Slug.Parse($"name{minute}-{i}"), "refused", Cancelled);
        Assert.Equal(["a name that nobody has", "a name that nobody has", "50 looks at names that nobody has", "50 looks at names that nobody has"], await RefusedAsync());
    }

    [Fact]
    public async Task A_page_that_is_of_no_subject_is_no_look_at_the_one_in_its_address()
    {
        await _community.AddAsync("anna", Role.Subject);
        await _community.AddAsync("carl", Role.Therapist);
        var client = await _community.SignInAsync("carl");
        foreach (var path in new[] { "/account", "/board", "/people", "/sign-in" })
            (await client.GetAsync($"{path}?subject=anna", Cancelled)).Dispose();

        Assert.Empty(await _community.Web.Services.GetRequiredService<AuditLog>().ListAsync(Slug.Parse("anna"), 10, Cancelled));
    }

    private async Task<List<string>> RefusedAsync()
    {
        await using var people = await _community.Web.Services.GetRequiredService<IDbContextFactory<PeopleContext>>().CreateDbContextAsync(Cancelled);
        return await people.Audit.Where(a => a.What == "refused").OrderBy(a => a.Id).Select(a => a.Detail).ToListAsync(Cancelled);
    }
}
