using System.Net;
using System.Text.Json;

namespace SensorHub.EndToEnd.Tests;

/// <summary>What a hub's <c>/health</c> says.</summary>
internal sealed record HubHealth(HttpStatusCode Status, JsonElement Whole)
{
    private static readonly HttpClient Http = new();

    public JsonElement this[string part] => Whole.GetProperty("parts").GetProperty(part);

    public long Waiting(string outbox) => this[outbox].GetProperty("waiting").GetInt64();

    public double OldestSeconds(string outbox) => this[outbox].GetProperty("oldest_s").GetDouble();

    /// <summary>The program was started with a page.</summary>
    public static async Task<HubHealth> AskAsync(HubProgram hub)
    {
        using var answer = await Http.GetAsync(new Uri(await hub.Page, "health"), TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return new HubHealth(answer.StatusCode, json.RootElement.Clone());
    }

    /// <summary>Asks until it says so.</summary>
    public static async Task<HubHealth> UntilAsync(HubProgram hub, Func<HubHealth, bool> says)
    {
        HubHealth? last = null;
        await Patiently.Until(async () => says(last = await AskAsync(hub)), () => $"{last?.Whole}\n{string.Join('\n', hub.Errors)}");
        return last!;
    }
}

internal static class Patiently
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    /// <summary>Looks again and again until it is so.</summary>
    /// <param name="otherwise">What to say when it never is.</param>
    public static async Task Until(Func<Task<bool>> condition, Func<string> otherwise)
    {
        using var end = new CancellationTokenSource(Limit, TimeProvider.System);
        while (!await condition())
        {
            if (end.IsCancellationRequested)
                Assert.Fail($"It did not come so far. {otherwise()}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
