using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using SensorHub.Web.Access;
using SensorHub.Web.People;
using SensorHub.Web.Tests.Accounts;
using SensorHub.Web.Tests.Sensors;

namespace SensorHub.Web.Tests.Access;

/// <summary>Every page and endpoint that there is, for every role and state of consent, asked over HTTP.</summary>
public sealed class EndpointMatrixTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Whatever brings endpoints of its own.</summary>
    public static SensorHubWebOptions Everything(SensorHubWebOptions options) => options with { Sensors = new FakeDesk(), OpenId = new OpenIdOptions("Example Id", new Uri("http://127.0.0.1:1"), "hub", null) };

    [Fact]
    public async Task Every_page_and_endpoint_says_what_it_needs()
    {
        await using var community = await Community.StartAsync(Everything);

        Assert.Empty(Endpoints(community).Where(e => e.Metadata.GetMetadata<NeedsAttribute>() is null).Select(e => e.DisplayName));
    }

    [Fact]
    public async Task Nobody_gets_at_what_the_rules_refuse_and_everybody_at_what_they_allow()
    {
        await using var community = await Community.StartAsync(Everything);
        var anna = await community.AddAsync("anna", Role.Subject);
        await community.AddAsync("bert", Role.Subject);
        var cared = await community.AddAsync("carl", Role.Therapist);
        await community.AddAsync("dora", Role.Therapist);
        var studied = await community.AddAsync("emil", Role.Researcher);
        await community.AddAsync("fred", Role.Researcher);
        await community.AddAsync("gina", Role.Admin);
        await community.GrantAsync(anna, cared, ConsentPurpose.Care);
        await community.GrantAsync(anna, studied, ConsentPurpose.Study);
        var withdrawn = await community.AddAsync("hugo", Role.Therapist);
        await community.GrantAsync(anna, withdrawn, ConsentPurpose.Care);
        await community.WithdrawAsync(anna, withdrawn);
        var ended = await community.AddAsync("ines", Role.Therapist);
        await community.HadAsync(anna, ended, ConsentPurpose.Care);
        var endedStudy = await community.AddAsync("jan", Role.Researcher);
        await community.HadAsync(anna, endedStudy, ConsentPurpose.Study);
        var both = await community.AddAsync("kim", Role.Therapist | Role.Researcher);
        await community.GrantAsync(anna, both, ConsentPurpose.Study);
        var closed = await community.AddAsync("lea", Role.Therapist);
        await community.GrantAsync(anna, closed, ConsentPurpose.Care);
        var locked = await community.AddAsync("max", Role.Therapist);
        await community.GrantAsync(anna, locked, ConsentPurpose.Care);

        // Who, what they are to the rules, and what Anna's consent to them is worth.
        (string? Who, Role Role, ConsentState Consent)[] people =
        [
            (null, Role.None, ConsentState.None), ("anna", Role.Subject, ConsentState.None), ("bert", Role.Subject, ConsentState.None), ("carl", Role.Therapist, ConsentState.Care),
            ("dora", Role.Therapist, ConsentState.None), ("emil", Role.Researcher, ConsentState.Study), ("fred", Role.Researcher, ConsentState.None), ("gina", Role.Admin, ConsentState.None),
            ("hugo", Role.Therapist, ConsentState.None), ("ines", Role.Therapist, ConsentState.None), ("jan", Role.Researcher, ConsentState.None), ("kim", Role.Therapist | Role.Researcher, ConsentState.Study),
            ("lea", Role.None, ConsentState.None), ("max", Role.Therapist, ConsentState.Care),
        ];
        List<string> wrong = [];
        foreach (var (who, role, consent) in people)
        {
            var client = who is null ? community.Client() : await community.SignInAsync(who);
            client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
            if (who == "lea")
                await community.CloseAsync(closed);
            if (who == "max")
                for (var i = 0; i < 5; i++)
                    (await Community.SignInAsync(community.Client(), "max", $"guess number {i}")).Dispose();
            var viewer = role == Role.None ? Viewer.Nobody : new Viewer(who!, who!, role, role == Role.Subject ? Core.Slug.Parse(who!) : default);
            foreach (var endpoint in Endpoints(community))
            {
                var needs = endpoint.Metadata.GetMetadata<NeedsAttribute>()!.Act;
                var path = PathOf(endpoint);
                if (path is "/sign-out" || (AccessPage.IsFile(path) && who is not null))
                    continue;
                foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                {
                    // Whose: the route says so, or the query does; of all that is about a subject, Anna's.
                    var asked = $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}subject=anna";
                    var allowed = AccessRules.Allows(viewer, needs, Core.Slug.Parse("anna"), consent);
                    using var request = new HttpRequestMessage(new HttpMethod(method), asked);
                    using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
                    var entered = answer.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized) && !IsSentToSignIn(answer);
                    if (entered != allowed)
                        wrong.Add($"{who ?? "nobody"}: {method} {asked} ({needs}) gave {(int)answer.StatusCode}, and is {(allowed ? "allowed" : "refused")}");
                }
            }
        }
        Assert.Equal("", string.Join('\n', wrong));
        using var signOut = await community.Client().PostAsync("/sign-out", null, Cancelled);
        Assert.Equal(HttpStatusCode.Unauthorized, signOut.StatusCode);

        static bool IsSentToSignIn(HttpResponseMessage answer) =>
            answer.StatusCode == HttpStatusCode.Redirect && answer.Headers.Location?.ToString() is { } to && (to.StartsWith("/sign-in?return=", StringComparison.Ordinal) || to.EndsWith("/sign-in", StringComparison.Ordinal));
    }

    /// <summary>A path that the endpoint answers; of all that is about a subject, Anna's.</summary>
    private static string PathOf(RouteEndpoint endpoint) => "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        RoutePatternParameterPart { Name: "subject" } => "anna",
        _ => "x1",
    }))));

    internal static List<RouteEndpoint> Endpoints(Community community) => [.. community.Web.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];
}
