using Microsoft.AspNetCore.Http;
using SensorHub.Core;

namespace SensorHub.Web.Access;

/// <summary>Asks <see cref="AccessRules"/> with what is known of viewer and consent.</summary>
/// <param name="consents">What subjects have allowed.</param>
/// <param name="keys">Of programs; null where there are no accounts, and so no keys.</param>
public sealed class Gate(IConsents consents, IKeys? keys = null)
{
    private static readonly object Key = new();

    /// <summary>Who sent this request; set by <see cref="AccessMiddleware"/>.</summary>
    public static Viewer ViewerOf(HttpContext context) => context.Items[Key] as Viewer ?? Viewer.Nobody;

    /// <summary>Whose the request is about: the route value or query parameter <c>subject</c>, or the viewer's own.</summary>
    /// <returns>Null: what is given is no name.</returns>
    public static Slug? SubjectOf(HttpContext context)
    {
        var given = context.Request.RouteValues["subject"] as string ?? (context.Request.Query["subject"] is [{ Length: > 0 } query] ? query : null);
        return given is null ? ViewerOf(context).Subject : Slug.TryParse(given, out var subject) ? subject : null;
    }

    public async ValueTask<bool> AllowsAsync(Viewer viewer, Act act, Slug subject, CancellationToken cancellationToken)
    {
        if (viewer.Key is not null && (keys is null || !await keys.HoldsAsync(viewer, cancellationToken).ConfigureAwait(false)))
            return false;
        if (AccessRules.Allows(viewer, act, subject, ConsentState.None))
            return true;
        if (viewer.Account is null || subject.IsNone || !viewer.Is(Role.Therapist | Role.Researcher))
            return false;
        return AccessRules.Allows(viewer, act, subject, await consents.OfAsync(viewer, subject, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// Cancelled within a second of the moment at which the viewer may no longer do this: for streams that stay open.
    /// </summary>
    public CancellationTokenSource While(Viewer viewer, Act act, Slug subject, TimeProvider time, params ReadOnlySpan<CancellationToken> ends)
    {
        var over = CancellationTokenSource.CreateLinkedTokenSource([.. ends]);
        var token = over.Token;
        var changed = new SemaphoreSlim(0);
        consents.Changed += Look;
        _ = WatchAsync();
        return over;

        void Look() => changed.Release();

        async Task WatchAsync()
        {
            try
            {
                while (await AllowsAsync(viewer, act, subject, token).ConfigureAwait(false))
                {
                    using var tick = new CancellationTokenSource(TimeSpan.FromSeconds(1), time); // a consent ends by its date too
                    using var either = CancellationTokenSource.CreateLinkedTokenSource(tick.Token, token);
                    try
                    {
                        await changed.WaitAsync(either.Token).ConfigureAwait(false);
                    }
                    catch (OperationCanceledException) when (!token.IsCancellationRequested)
                    {
                    }
                }
                await over.CancelAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
            }
            finally
            {
                consents.Changed -= Look;
            }
        }
    }

    internal static void Set(HttpContext context, Viewer viewer) => context.Items[Key] = viewer;
}
