using Microsoft.Playwright;

namespace SensorHub.Testing;

/// <summary>One Chromium for all tests of an assembly, which names it as its fixture; each test gets a context of its own.</summary>
public sealed class Browser : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public static readonly ViewportSize Desktop = new() { Width = 1280, Height = 800 };
    public static readonly ViewportSize Phone = new() { Width = 390, Height = 844 };

    /// <summary>Skips the test where Chromium is not installed.</summary>
    public async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions? options = null)
    {
        var chromium = Require.Program("chromium-headless-shell", "chromium-headless-shell", instead: "chromium"); // the shell is the same engine at less than half the work
        await _gate.WaitAsync();
        try
        {
            Assertions.SetDefaultExpectTimeout(60_000); // machines that do other things meanwhile
            _playwright ??= await Playwright.CreateAsync();
            _browser ??= await _playwright.Chromium.LaunchAsync(new()
            {
                ExecutablePath = chromium,
                Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run", "--disable-component-update", "--disable-sync",
                    "--renderer-process-limit=1"], // of a context: or each new page starts a process for about:blank and then another
            });
        }
        finally
        {
            _gate.Release();
        }
        var context = await _browser.NewContextAsync(options ?? new() { ViewportSize = Desktop });
        context.SetDefaultTimeout(60_000);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        _gate.Dispose();
    }
}
