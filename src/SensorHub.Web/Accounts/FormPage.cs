using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using SensorHub.Core;
using SensorHub.Web.Access;

namespace SensorHub.Web.Accounts;

/// <summary>A page with forms that the server answers: one line of trouble, or on to the next page.</summary>
public abstract class FormPage : ComponentBase
{
    [CascadingParameter]
    protected HttpContext Http { get; set; } = null!;

    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    protected Viewer Viewer => Gate.ViewerOf(Http);

    /// <summary>What is wrong with what was filled in; for the person.</summary>
    protected string? Trouble { get; set; }

    /// <summary>What was done.</summary>
    protected string? Done { get; set; }

    /// <summary>Answers with this status and the page as it is, not with the page for errors.</summary>
    protected void Refuse(int status)
    {
        Http.Response.StatusCode = status;
        if (Http.Features.Get<IStatusCodePagesFeature>() is { } errors)
            errors.Enabled = false;
    }

    /// <summary>Tries it, and says what the matter is.</summary>
    /// <returns>Whether it was done.</returns>
    protected async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (UserException e)
        {
            Trouble = e.Message;
            return false;
        }
    }
}
