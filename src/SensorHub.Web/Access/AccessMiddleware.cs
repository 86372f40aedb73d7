using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SensorHub.Core;
using SensorHub.Web.People;

namespace SensorHub.Web.Access;

/// <summary>Says who a request is from.</summary>
public interface IViewers
{
    /// <summary>Nobody if no account is signed in.</summary>
    ValueTask<Viewer> OfAsync(HttpContext context);

    /// <summary>Where somebody who has not signed in is sent: to the first run, or to sign in.</summary>
    ValueTask<string> EntranceAsync(HttpContext context);
}

/// <summary>Lets a request through to its page or endpoint, sends it to sign in, or refuses it.</summary>
public static class AccessMiddleware
{
    internal static void UseAccess(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var viewers = context.RequestServices.GetRequiredService<IViewers>();
        var viewer = await viewers.OfAsync(context);
        Gate.Set(context, viewer);
        if (context.GetEndpoint() is not { } endpoint)
        {
            await next(context); // nothing there: 404
            return;
        }
        var gate = context.RequestServices.GetRequiredService<Gate>();
        var needs = endpoint.Metadata.GetMetadata<NeedsAttribute>();
        // What is no name belongs to nobody: the endpoint says so to whoever may call it without one.
        var audit = context.RequestServices.GetRequiredService<AuditLog>();
        if (needs is not null && await gate.AllowsAsync(viewer, needs.Act, Gate.SubjectOf(context) ?? default, context.RequestAborted))
        {
            if (AccessRules.IsOfSubject(needs.Act))
                await audit.LookedAsync(viewer, Gate.SubjectOf(context) ?? default, needs.Act.ToString(), context.RequestAborted);
            await next(context);
            return;
        }
        // A page shows the page for errors; whatever else asked gets a line, as scripts and programs want it.
        var isPage = endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null && HttpMethods.IsGet(context.Request.Method);
        if (viewer.Account is not null || needs is null)
        {
            if (needs is not null && AccessRules.IsOfSubject(needs.Act))
                await audit.LookedAsync(viewer, Gate.SubjectOf(context) ?? default, "refused", context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            if (!isPage)
                await context.Response.WriteAsync("Refused: this is not yours to do. Who may is said by roles and consents.", context.RequestAborted);
        }
        else if (isPage)
            context.Response.Redirect(await viewers.EntranceAsync(context));
        else
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await context.Response.WriteAsync("Sign in first.", context.RequestAborted);
        }
    });

    /// <summary>Says what these endpoints let people do; without it they are refused to everybody.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder endpoints, Act act) where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new NeedsAttribute(act));
}

/// <summary>Without accounts: whoever is at this computer.</summary>
internal sealed class OneViewer(Slug subject) : IViewers, IConsents
{
    private readonly Viewer _viewer = Viewer.AtThisComputer(subject);

    public event Action? Changed
    {
        add { }
        remove { }
    }

    public ValueTask<Viewer> OfAsync(HttpContext context) => new(_viewer);

    public ValueTask<string> EntranceAsync(HttpContext context) => new("/");

    public ValueTask<ConsentState> OfAsync(Viewer viewer, Slug subject, CancellationToken cancellationToken) => new(ConsentState.None);
}
