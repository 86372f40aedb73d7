using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SensorHub.Web.Security;

/// <summary>What every answer says, and which requests are refused.</summary>
internal static class Protection
{
    /// <summary>
    /// Everything from this origin, no inline script, nothing from elsewhere. Inline styles stay: MudBlazor sets
    /// style attributes and a style element with its theme.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin"; // with "no-referrer" browsers send the forms of our own pages with the origin "null"
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return next(context);
    });

    /// <summary>Refuses with 403 what could change something and comes from a page of another origin.</summary>
    public static void UseSameOrigin(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method) || IsSameOrigin(request))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("Refused: this request came from a page of another origin.");
    });

    /// <summary>Browsers send Origin or Sec-Fetch-Site with each such request; what has neither was sent by no browser.</summary>
    public static bool IsSameOrigin(HttpRequest request)
    {
        if (request.Headers.Origin is [var origin])
            return string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
        return request.Headers["Sec-Fetch-Site"] is [] or ["same-origin" or "none"];
    }
}
