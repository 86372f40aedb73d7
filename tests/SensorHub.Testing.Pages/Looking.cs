using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Testing;

/// <summary>What all pages are looked at for.</summary>
public static class Looking
{
    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    /// <summary>Takes a picture too, when somebody wants to look: named after the page and the state.</summary>
    public static async Task AxeFindsNothingAsync(this IPage page, string state)
    {
        await page.PictureAsync($"{new Uri(page.Url).AbsolutePath.Trim('/').Replace('/', '-')}-{state}");
        if (!await page.EvaluateAsync<bool>("'axe' in window"))
            await page.EvaluateAsync(Axe);
        // In the page itself, which has no frames: the package for Playwright opens a page of its own for each look.
        Assert.Equal("", await page.EvaluateAsync<string>("""
            async state => {
              const inTheDark = matchMedia('(prefers-color-scheme: dark)').matches; // where all but the colours is the same
              const { violations } = await axe.run(document, {
                resultTypes: ['violations'],
                ...(inTheDark && { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } }),
              });
              return violations.map(({ id, help, nodes }) => `${state}: ${id}: ${help} at ${nodes.map(node => node.html).join(', ')}`).join('\n');
            }
            """, state));
    }

    public static async Task NothingIsCutOffAtTheSideAsync(this IPage page) =>
        Assert.Equal("", await page.EvaluateAsync<string>(
            "document.documentElement.scrollWidth <= innerWidth ? '' : [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80)).slice(0, 3).join('\\n')"));

    /// <summary>For docs/pages and for eyes, where the variable PICTURES names a folder; nothing otherwise. The name gets theme and size.</summary>
    public static async Task PictureAsync(this IPage page, string name, bool whole = true)
    {
        if (Environment.GetEnvironmentVariable("PICTURES") is not { Length: > 0 } folder)
            return;
        var of = await page.EvaluateAsync<string>("scrollTo(0, 0); (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light') + (innerWidth < 600 ? '-phone' : '-desktop')");
        await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{of}.png"), FullPage = whole });
    }

    /// <summary>Tab until this has the focus, which is then to be seen.</summary>
    /// <param name="outlined">Where it is to be seen, when not around the target itself.</param>
    public static async Task TabToAsync(this IPage page, ILocator target, string outlined = ":focus")
    {
        for (var n = 0; n < 80; n++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (!await target.EvaluateAsync<bool>("e => e === document.activeElement"))
                continue;
            Assert.Equal("solid", await page.EvaluateAsync<string>("where => getComputedStyle(document.querySelector(where)).outlineStyle", outlined));
            return;
        }
        Assert.Fail($"The keyboard does not reach {target}.");
    }

    /// <summary>From now on the browser writes down what its voice says in <c>window.spoken</c>, and how it shakes in <c>window.shaken</c>.</summary>
    public static Task WriteDownVoiceAsync(this IBrowserContext context) => context.AddInitScriptAsync("""
        window.spoken = [];
        window.shaken = [];
        window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
        Object.defineProperty(window, "speechSynthesis", { value: { speak: words => window.spoken.push(words.text), cancel: () => { } } });
        navigator.vibrate = pattern => { window.shaken.push(pattern); return true; };
        """);

    public static Task<string[]> SpokenAsync(this IPage page) => page.EvaluateAsync<string[]>("window.spoken");

    public static Task ShowsAsync(this IPage page, string field, string text) => Expect(page.Locator($"[data-field='{field}']")).ToHaveTextAsync(text);
}
