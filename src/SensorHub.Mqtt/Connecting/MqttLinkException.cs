using System.Net.Sockets;
using System.Security.Authentication;
using MQTTnet;
using MQTTnet.Exceptions;
using SensorHub.Core;

namespace SensorHub.Mqtt.Connecting;

/// <summary>A broker could not be reached, or refused. The message is one line for a user: what, where and how to mend it.</summary>
public sealed class MqttLinkException : UserException
{
    public MqttLinkException()
    {
    }

    public MqttLinkException(string message) : base(message)
    {
    }

    public MqttLinkException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>
    /// The broker was not reached, or is not ready: it may be there later, without anybody doing anything. False for one that refused us, and for settings that cannot be used.
    /// </summary>
    public bool IsAway { get; private init; }

    /// <param name="trusted">TLS had got so far that the broker's certificate was accepted.</param>
    internal static MqttLinkException From(MqttConnection to, Exception exception, bool trusted = false) =>
        new(Explain(to, exception, trusted), exception) { IsAway = !trusted && IsAbsence(exception) };

    internal static MqttLinkException From(MqttConnection to, MqttClientConnectResult refusal) => new(refusal.ResultCode switch
    {
        MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized when to.User is null =>
            $"The MQTT broker at {to.Host}:{to.Port} wants a user name and a password: give both.",
        MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized =>
            $"The MQTT broker at {to.Host}:{to.Port} refuses user '{to.User}': check the user name and the password.",
        MqttClientConnectResultCode.UnsupportedProtocolVersion =>
            $"The MQTT broker at {to.Host}:{to.Port} does not speak MQTT 5: use one that does, such as mosquitto 2.",
        var code => $"The MQTT broker at {to.Host}:{to.Port} refuses the connection ({code}{(refusal.ReasonString is { Length: > 0 } reason ? ": " + reason : "")}).",
    })
    {
        IsAway = refusal.ResultCode is MqttClientConnectResultCode.ServerUnavailable or MqttClientConnectResultCode.ServerBusy,
    };

    private static string Explain(MqttConnection to, Exception exception, bool trusted)
    {
        // A broker refuses our certificate after its own was accepted (TLS 1.3), and its word is lost when it closes on what we have sent meanwhile.
        var alert = to.Tls ? AlertOf(exception) : null;
        if (alert is not null || (trusted && IsClosed(exception)))
            return (to.ClientCertificate, alert) switch
            {
                (null, null) => $"The MQTT broker at {to.Host}:{to.Port} ended the connection right after TLS: if it wants a client certificate, give one, with its key.",
                (null, _) => $"The MQTT broker at {to.Host}:{to.Port} wants a client certificate: give one, with its key.",
                var (file, why) => $"The MQTT broker at {to.Host}:{to.Port} {(why is null ? "seems to refuse" : "refuses")} the client certificate in '{file}'{(why is null ? "" : $" ({why})")}: give one of an authority that the broker trusts, and that has not expired.",
            };
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return $"No MQTT broker listens at {to.Host}:{to.Port}: start one, or check host and port.";
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return $"The MQTT broker's host '{to.Host}' is unknown: check its name.";
                case SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown }:
                    return $"The MQTT broker at {to.Host}:{to.Port} cannot be reached: check the network.";
                case AuthenticationException:
                    return $"TLS with the MQTT broker at {to.Host}:{to.Port} failed: {FirstLine(e)} Check the port, the certificate and the authority to trust.";
                case MqttCommunicationTimedOutException or OperationCanceledException or TimeoutException or SocketException { SocketErrorCode: SocketError.TimedOut }:
                    return $"The MQTT broker at {to.Host}:{to.Port} does not answer: check host, port and firewall{(to.Tls ? "" : ", and whether it expects TLS")}.";
                default:
                    break;
            }
        }
        return $"The connection to the MQTT broker at {to.Host}:{to.Port} failed: {FirstLine(exception)}{(to.Tls ? "" : " Check whether the port expects TLS.")}";
    }

    private static bool IsAbsence(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
            if (e is SocketException or MqttCommunicationTimedOutException or OperationCanceledException or TimeoutException)
                return true;
        return false;
    }

    private static bool IsClosed(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
            if (e is MqttCommunicationTimedOutException or OperationCanceledException or TimeoutException)
                return false;
        return exception is MqttCommunicationException or IOException or SocketException;
    }

    /// <summary>The TLS alert by which the other side refused our certificate, or the lack of it (RFC 8446, 6.2), as OpenSSL words it; null for other faults.</summary>
    private static string? AlertOf(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
            foreach (var alert in (string[])["certificate required", "bad certificate", "unknown ca", "certificate expired", "certificate revoked", "certificate unknown", "handshake failure"])
                if (e.Message.Contains("alert", StringComparison.OrdinalIgnoreCase) && e.Message.Contains(alert, StringComparison.OrdinalIgnoreCase))
                    return alert;
        return null;
    }

    private static string FirstLine(Exception exception) => exception.Message.ReplaceLineEndings(" ").Trim() is var line && line.EndsWith('.') ? line : line + ".";
}
