using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SensorHub.Core;
using SensorHub.Web.Access;
using SensorHub.Web.Board;
using SensorHub.Web.People;

namespace SensorHub.Web.Tests.Board;

public sealed class CareClockTests : IAsyncLifetime
{
    private static readonly Viewer Therapist = new("t1", "Dr Berg", Role.Therapist, default);
    private static readonly Slug Anna = Slug.Parse("anna");
    private static readonly Slug Ben = Slug.Parse("ben");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 23, 59, 0, TimeSpan.Zero));
    private WebHost _web = null!;
    private CareClock _clock = null!;

    public async ValueTask InitializeAsync()
    {
        _web = await WebHost.StartAsync();
        _clock = new CareClock(_web.Services.GetRequiredService<IDbContextFactory<PeopleContext>>(), _time);
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    [Fact]
    public async Task Minutes_count_from_beat_to_beat_a_row_a_day()
    {
        await SeenAsync(Anna, 0);
        for (var n = 0; n < 8; n++)
            await SeenAsync(Anna, 15);
        var rows = await RowsAsync();
        Assert.Equal([new DateOnly(2026, 1, 31), new DateOnly(2026, 2, 1)], rows.Select(r => r.Day));
        Assert.Equal(2, rows.Sum(r => r.Minutes), 1e-9);
    }

    [Fact]
    public async Task A_page_that_was_not_seen_for_long_or_of_another_person_counts_nothing_and_two_at_once_count_once()
    {
        await SeenAsync(Anna, 0);
        await SeenAsync(Anna, 3600); // it was hidden
        await SeenAsync(Ben, 10);
        Assert.Empty(await RowsAsync());
        await SeenAsync(Ben, 5);
        await SeenAsync(Ben, 0); // a second page of the same
        await SeenAsync(Ben, 10);
        Assert.Equal(0.25, Assert.Single(await RowsAsync()).Minutes, 1e-9);
    }

    private Task SeenAsync(Slug subject, double seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        return _clock.SeenAsync(Therapist, subject, TestContext.Current.CancellationToken);
    }

    private Task<List<CareTime>> RowsAsync() => Clinic.InPeopleAsync(_web, people => people.CareTimes.OrderBy(c => c.Day).ToListAsync(TestContext.Current.CancellationToken));
}
