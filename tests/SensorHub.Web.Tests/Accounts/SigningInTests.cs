using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using SensorHub.Web.Access;
using SensorHub.Web.Accounts;
using SensorHub.Web.People;

namespace SensorHub.Web.Tests.Accounts;

public sealed class SigningInTests : IAsyncLifetime
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Community _community = null!;

    public async ValueTask InitializeAsync() => _community = await Community.StartAsync();

    public ValueTask DisposeAsync() => _community.DisposeAsync();

    [Fact]
    public async Task Who_has_not_signed_in_is_sent_to_do_so_and_comes_back_to_the_page()
    {
        await _community.AddAsync("anna", Role.Subject);
        var client = _community.Client();

        var sent = (await client.GetAsync("/account/log?x=1", Cancelled)).Headers.Location!.ToString();

        Assert.Equal("/sign-in?return=%2Faccount%2Flog%3Fx%3D1", sent);
        using var answer = await Community.SignInAsync(client, "anna", Community.Password, sent);
        Assert.Equal("/account/log?x=1", To(answer));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/account/log?x=1", Cancelled)).StatusCode);
    }

    [Theory]
    [InlineData("https://example.org/")]
    [InlineData("//example.org")]
    [InlineData("/\\example.org")]
    [InlineData("\\\\example.org")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\texample.org")]
    [InlineData("account")]
    public async Task Signing_in_leads_to_no_other_host(string to)
    {
        await _community.AddAsync("anna", Role.Subject);
        using var answer = await Community.SignInAsync(_community.Client(), "anna", Community.Password, $"/sign-in?return={Uri.EscapeDataString(to)}");
        Assert.Equal("/", To(answer));
    }

    [Fact]
    public async Task A_wrong_password_and_a_name_that_is_not_there_get_the_same_answer()
    {
        await _community.AddAsync("anna", Role.Subject);
        var client = _community.Client();

        using var wrong = await Community.SignInAsync(client, "anna", "not the password");
        using var absent = await Community.SignInAsync(client, "nobody", "not the password");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (wrong.StatusCode, absent.StatusCode));
        Assert.Contains("User name or password is wrong.", await wrong.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Contains("User name or password is wrong.", await absent.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_five_wrong_passwords_the_right_one_has_to_wait()
    {
        await _community.AddAsync("anna", Role.Subject);
        var client = _community.Client();
        for (var i = 0; i < 5; i++)
            (await Community.SignInAsync(client, "anna", $"guess number {i}")).Dispose();

        using var right = await Community.SignInAsync(client, "anna", Community.Password);

        Assert.Equal(HttpStatusCode.Unauthorized, right.StatusCode);
        Assert.Contains("Wait five minutes", await right.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guessing_from_one_address_is_slowed_whatever_the_name()
    {
        await using var community = await Community.StartAsync(o => o with { TriesAMinute = 5 });
        var client = community.Client();
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await Community.SignInAsync(client, $"name{i}", "guess guess guess")).StatusCode);

        using var sixth = await Community.SignInAsync(client, "name6", "guess guess guess");

        Assert.Equal(HttpStatusCode.TooManyRequests, sixth.StatusCode);
        Assert.InRange(int.Parse(sixth.Headers.GetValues("Retry-After").Single(), null), 1, 61);
    }

    [Fact]
    public async Task A_cookie_from_before_signing_in_is_not_the_one_of_after()
    {
        await _community.AddAsync("anna", Role.Subject);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/account");
        request.Headers.Add("Cookie", "sensorhub=chosen-by-somebody-else");
        using var before = await _community.Client().SendAsync(request, Cancelled);
        Assert.Equal(HttpStatusCode.Redirect, before.StatusCode);

        using var answer = await Community.SignInAsync(_community.Client(), "anna", Community.Password);

        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), c => c.StartsWith("sensorhub=", StringComparison.Ordinal) && !c.StartsWith("sensorhub=;", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("chosen-by", cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_its_token_or_from_another_origin_changes_nothing()
    {
        await _community.AddAsync("anna", Role.Subject);
        var client = await _community.SignInAsync("anna");

        using var bare = await client.PostAsync("/account", new FormUrlEncodedContent([new("_handler", "body"), new("Body.Alias", "Mallory")]), Cancelled);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-out");
        request.Headers.Add("Origin", "https://example.org");
        using var foreign = await client.SendAsync(request, Cancelled);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Forbidden), (bare.StatusCode, foreign.StatusCode));
        var page = await client.GetStringAsync("/account", Cancelled);
        Assert.Contains("value=\"anna\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_out_on_all_devices_ends_the_others_at_once()
    {
        await _community.AddAsync("anna", Role.Subject);
        var (phone, laptop) = (await _community.SignInAsync("anna"), await _community.SignInAsync("anna"));

        (await Community.PostFormAsync(phone, "/account", "everywhere")).Dispose();

        Assert.Equal(HttpStatusCode.Redirect, (await laptop.GetAsync("/account", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await phone.GetAsync("/account", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task The_second_step_asks_for_the_code_of_now_and_a_recovery_code_works_once()
    {
        var anna = await _community.AddAsync("anna", Role.Subject);
        string key;
        string[] recovery;
        await using (var scope = _community.Web.Services.CreateAsyncScope())
        {
            var accounts = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
            anna = (await accounts.FindByIdAsync(anna.Id))!;
            await accounts.ResetAuthenticatorKeyAsync(anna);
            key = (await accounts.GetAuthenticatorKeyAsync(anna))!;
            await accounts.SetTwoFactorEnabledAsync(anna, true);
            recovery = [.. (await accounts.GenerateNewTwoFactorRecoveryCodesAsync(anna, 2))!];
        }
        var client = _community.Client();
        var step = await StepAsync(client);
        using var wrong = await Community.PostFormAsync(client, step, "code", ("Form.Code", "000000"));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await client.GetAsync("/account", Cancelled)).StatusCode);

        using var right = await Community.PostFormAsync(client, step, "code", ("Form.Code", Totp(key)));
        Assert.Equal("/", To(right));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/account", Cancelled)).StatusCode);

        var other = _community.Client();
        using var once = await Community.PostFormAsync(other, await StepAsync(other), "code", ("Form.Code", recovery[0]));
        Assert.Equal(HttpStatusCode.Redirect, once.StatusCode);
        var third = _community.Client();
        using var twice = await Community.PostFormAsync(third, await StepAsync(third), "code", ("Form.Code", recovery[0]));
        Assert.Equal(HttpStatusCode.Unauthorized, twice.StatusCode);

        async Task<string> StepAsync(HttpClient client)
        {
            using var answer = await Community.SignInAsync(client, "anna", Community.Password);
            var step = To(answer);
            Assert.StartsWith("/sign-in/code?", step, StringComparison.Ordinal);
            return step;
        }
    }

    [Fact]
    public async Task An_invitation_makes_one_account_with_its_role_and_no_second_one()
    {
        var admin = await _community.AddAsync("gina", Role.Admin);
        var token = await _community.Web.Services.GetRequiredService<Invitations>().InviteAsync(Community.ViewerOf(admin), "Dr Berg", Role.Therapist, Cancelled);
        (string, string)[] form = [("Form.Name", "Dr Berg"), ("Form.UserName", "berg"), ("Form.Password", Community.Password), ("Form.Again", Community.Password)];

        var client = _community.Client();
        using var weak = await Community.PostFormAsync(client, $"/join/{token}", "join", ("Form.Name", "Dr Berg"), ("Form.UserName", "berg"), ("Form.Password", "short"), ("Form.Again", "short"));
        Assert.Equal(HttpStatusCode.OK, weak.StatusCode);
        using var made = await Community.PostFormAsync(client, $"/join/{token}", "join", form);
        Assert.Equal(HttpStatusCode.Redirect, made.StatusCode);

        Assert.Contains("This invitation cannot be used", await _community.Client().GetStringAsync($"/join/{token}", Cancelled), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/people", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/account", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task A_closed_account_is_out_at_its_next_request()
    {
        var anna = await _community.AddAsync("anna", Role.Subject);
        await _community.AddAsync("gina", Role.Admin);
        var (client, admin) = (await _community.SignInAsync("anna"), await _community.SignInAsync("gina"));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/account", Cancelled)).StatusCode);

        (await Community.PostFormAsync(admin, "/people", $"close-{anna.Id}", ("Closed", anna.Id))).Dispose();

        Assert.Equal(HttpStatusCode.Redirect, (await client.GetAsync("/account", Cancelled)).StatusCode);
    }

    [Fact]
    public void The_file_of_accounts_is_its_owners_alone()
    {
        if (!OperatingSystem.IsWindows()) // which has no file modes
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_community.People));
    }

    [Fact]
    public async Task Only_one_person_becomes_the_owner()
    {
        var tries = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            using var answer = await Community.PostFormAsync(
                _community.Client(), "/welcome", "owner", ("Form.Name", $"N{i}"), ("Form.UserName", $"n{i}"), ("Form.Password", Community.Password), ("Form.Again", Community.Password));
            return answer.StatusCode;
        }));
        Assert.Single(tries, HttpStatusCode.Redirect);
    }

    /// <summary>Where an answer sends the browser: on this host, whether it names it or not.</summary>
    private string To(HttpResponseMessage answer)
    {
        var to = new Uri(_community.Web.Address, answer.Headers.Location!);
        Assert.Equal(_community.Web.Address.Authority, to.Authority);
        return to.PathAndQuery;
    }

    /// <summary>RFC 6238 with SHA-1, 30 s and six digits, as authenticator apps do it.</summary>
    private static string Totp(string key)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        List<byte> secret = [];
        var (bits, count) = (0, 0);
        foreach (var c in key)
        {
            (bits, count) = ((bits << 5) | alphabet.IndexOf(c, StringComparison.Ordinal), count + 5);
            if (count < 8)
                continue;
            secret.Add((byte)(bits >> (count - 8)));
            (bits, count) = (bits & ((1 << (count - 8)) - 1), count - 8);
        }
        var step = BitConverter.GetBytes(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30));
#pragma warning disable CA5350 // what the standard says
        var hash = HMACSHA1.HashData(secret.ToArray(), step);
#pragma warning restore CA5350
        var offset = hash[^1] & 0xF;
        var number = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(offset)) & 0x7FFF_FFFF;
        return (number % 1_000_000).ToString("000000", null);
    }
}
