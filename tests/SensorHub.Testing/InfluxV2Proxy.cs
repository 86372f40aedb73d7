namespace SensorHub.Testing;

/// <summary>
/// nginx before an <see cref="InfluxServer"/>, which gives it InfluxDB 2's write API: /api/v2/write with organisation,
/// bucket and token becomes /write with a database. What stores the lines is a real server; what speaks v2 is nginx.
/// </summary>
public sealed class InfluxV2Proxy : IAsyncDisposable
{
    public const string Organization = "clinic";
    public const string Token = "v2-secret-token";

    private readonly ServerProcess _process;
    private readonly string _folder;

    private InfluxV2Proxy(ServerProcess process, string folder, Uri url)
    {
        _process = process;
        _folder = folder;
        Url = url;
    }

    public Uri Url { get; }

    /// <summary>Starts nginx, or skips the test.</summary>
    public static async Task<InfluxV2Proxy> StartAsync(InfluxServer server)
    {
        var program = Require.Program("nginx", "nginx-light");
        var folder = ServerProcess.NewFolder();
        var port = ServerProcess.FreePort();
        var configuration = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off;
            master_process off;
            pid {{folder}}/nginx.pid;
            error_log stderr warn;
            events { worker_connections 64; }
            http {
                access_log off;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                client_max_body_size 25m;
                default_type application/json;
                map $http_authorization $known { "Token {{Token}}" 1; default 0; }
                map $arg_precision $precision { ns ns; us u; ms ms; s s; default ""; }
                server {
                    listen 127.0.0.1:{{port}};
                    location = /api/v2/write {
                        if ($known = 0) { return 401 '{"code":"unauthorized","message":"unauthorized access"}'; }
                        if ($arg_org != "{{Organization}}") { return 404 '{"code":"not found","message":"organization name \\"$arg_org\\" not found"}'; }
                        if ($precision = "") { return 400 '{"code":"invalid","message":"invalid precision"}'; }
                        rewrite ^ /write?db=$arg_bucket&precision=$precision? break;
                        proxy_set_header Authorization "";
                        proxy_pass {{server.Url.ToString().TrimEnd('/')}};
                    }
                    location = /query {
                        if ($known = 0) { return 401 '{"code":"unauthorized","message":"unauthorized access"}'; }
                        proxy_set_header Authorization "";
                        proxy_pass {{server.Url.ToString().TrimEnd('/')}};
                    }
                    location = /health { return 200 '{"name":"influxdb","status":"pass","version":"2"}'; }
                }
            }
            """);
        var process = await ServerProcess.StartAsync(program, ["-p", folder, "-c", configuration, "-e", "stderr"], token => ServerProcess.ListensAsync(port, token));
        return new InfluxV2Proxy(process, folder, new Uri($"http://127.0.0.1:{port}"));
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
