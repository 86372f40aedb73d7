using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SensorHub.Core;
using SensorHub.Core.Rolling;
using SensorHub.Mqtt.Contract;
using SensorHub.Web.Access;
using SensorHub.Web.Live;
using SensorHub.Web.People;

namespace SensorHub.Web.Tests.Board;

/// <summary>Somebody is signed in as a therapist, and sees those whom <see cref="Allow"/> names.</summary>
internal sealed class Clinic : IViewers, IConsents
{
    private readonly HashSet<string> _allowed = [];

    public event Action? Changed;

    public Viewer Viewer { get; set; } = new("t1", "Dr Berg", Role.Therapist, default);

    public void Allow(params ReadOnlySpan<string> subjects)
    {
        lock (_allowed)
            foreach (var subject in subjects)
                _allowed.Add(subject);
        Changed?.Invoke();
    }

    public void Withdraw(string subject)
    {
        lock (_allowed)
            _allowed.Remove(subject);
        Changed?.Invoke();
    }

    public ValueTask<Viewer> OfAsync(HttpContext context) => new(Viewer);

    public ValueTask<string> EntranceAsync(HttpContext context) => new("/sign-in");

    public ValueTask<ConsentState> OfAsync(Viewer viewer, Slug subject, CancellationToken cancellationToken)
    {
        lock (_allowed)
            return new(_allowed.Contains(subject.ToString()) ? ConsentState.Care : ConsentState.None);
    }

    public void Replace(IServiceCollection services)
    {
        services.RemoveAll<IViewers>();
        services.RemoveAll<IConsents>();
        services.AddSingleton<IViewers>(this);
        services.AddSingleton<IConsents>(this);
    }

    public static async Task<T> InPeopleAsync<T>(WebHost web, Func<PeopleContext, Task<T>> act)
    {
        await using var people = await web.Services.GetRequiredService<IDbContextFactory<PeopleContext>>().CreateDbContextAsync();
        var result = await act(people);
        await people.SaveChangesAsync();
        return result;
    }

    public static Task AddAsync(WebHost web, string subject, string alias) => InPeopleAsync(web, people =>
    {
        people.Subjects.Add(new Subject { Id = subject, Alias = alias });
        return Task.FromResult(0);
    });

    /// <summary>Each person at a hub of their own, as the broker would carry it; a feature of each kind.</summary>
    public static void Play(WebHost web, Person person, double second, string? hub = null)
    {
        var messages = new HubMessages(hub is null ? WebHost.Hub : Slug.Parse(hub));
        foreach (var feature in person.All(second))
            web.Feed.Receive(messages.Write(feature));
    }
}
