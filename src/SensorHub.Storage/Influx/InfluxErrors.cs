using System.Net;
using System.Net.Sockets;

namespace SensorHub.Storage.Influx;

/// <summary>What goes wrong on the way to an InfluxDB, in words for a person, whichever client was used.</summary>
internal sealed class InfluxErrors(InfluxOptions options, TimeProvider time)
{
    /// <summary>Makes a request, within the time-out of the options.</summary>
    /// <exception cref="OutputException">There was no answer.</exception>
    public async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await request(stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new OutputException($"InfluxDB at {options.Url} did not answer within {options.Timeout.TotalSeconds:0} s: check that it runs, and how busy it is.", OutputFault.Unavailable, e);
        }
        // A connection that is reset in the moment it is made is a bare SocketException: HttpClient asks the socket for its address then.
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            var refused = e.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
            throw new OutputException(
                refused ? $"No InfluxDB listens at {options.Url}: start it, or check the address." : $"InfluxDB at {options.Url} cannot be reached: {e.GetBaseException().Message.TrimEnd('.')}. Check the address.",
                OutputFault.Unavailable, e);
        }
    }

    /// <summary>An answer that no retry will mend, and what a person can do about it.</summary>
    public OutputException Refusal(HttpStatusCode status, string reason) => new(Explain(status, reason), OutputFault.Misconfigured);

    private string Explain(HttpStatusCode status, string reason) => status switch
    {
        HttpStatusCode.Unauthorized => $"InfluxDB at {options.Url} refuses the {Credential} (401: {reason}): check {(options.Profile == InfluxProfile.V1 ? "user and password" : "the token")}.",
        HttpStatusCode.Forbidden => $"InfluxDB at {options.Url} does not allow {(options.User is { } user ? $"user '{user}'" : "this")} to use {Place} (403: {reason}): grant it.",
        HttpStatusCode.NotFound when options.Profile == InfluxProfile.V1 && reason.Contains("database not found", StringComparison.Ordinal) =>
            $"InfluxDB at {options.Url} has no database '{options.Database}': create it (CREATE DATABASE \"{options.Database}\"), or allow creating it.",
        HttpStatusCode.NotFound => $"InfluxDB at {options.Url} does not know {Place} (404: {reason}): check the names, and that the server speaks the {options.Profile.ToString().ToLowerInvariant()} interface.",
        _ => $"InfluxDB at {options.Url} refuses the request ({(int)status}: {reason}): check the address and that the server speaks the {options.Profile.ToString().ToLowerInvariant()} interface.",
    };

    private string Credential => (options.Profile, options.User, options.Token) switch
    {
        (InfluxProfile.V1, null, _) or (not InfluxProfile.V1, _, null) => "request, as it has no credentials",
        (InfluxProfile.V1, { } user, _) => $"password of user '{user}'",
        _ => "token",
    };

    private string Place => options.Profile == InfluxProfile.V2
        ? $"bucket '{options.Database}' of organization '{options.Organization}'"
        : $"database '{options.Database}'";
}
