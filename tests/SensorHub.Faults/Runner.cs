using System.Globalization;
using MQTTnet;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Faults;

/// <summary>What is asked for.</summary>
/// <param name="Which">What may happen.</param>
/// <param name="Rounds">0 = an undisturbed run.</param>
/// <param name="Calm">Of an undisturbed run: how long.</param>
/// <param name="Limit">No round begins after it.</param>
internal sealed record Wish(int Seed, IReadOnlyList<(Setup Setup, Part Part, Fault Fault)> Which, int Rounds, TimeSpan Calm, TimeSpan Limit);

/// <summary>Sets everything up, lets faults happen, waits until all has come through, and compares.</summary>
internal sealed class Runner(Wish wish, Action<string> say)
{
    private static readonly TimeSpan StreamPatience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan DrainPatience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time = TimeProvider.System;

    /// <returns>Whether everything is right.</returns>
    /// <exception cref="UserException">It could not be carried out.</exception>
    public async Task<bool> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("sensorhub-faults-").FullName;
        var right = false;
        var stage = await Stage.BuildAsync(folder);
        try
        {
            right = await RunAsync(stage);
        }
        finally
        {
            if (!right)
                Keep(stage);
            await stage.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
        return right;
    }

    private async Task<bool> RunAsync(Stage stage)
    {
        var plan = Plan.Of(wish.Seed, wish.Which, wish.Rounds);
        await stage.ArrangeAsync(plan.Count > 0 ? plan[0].Setup : wish.Which[0].Setup);
        var took = await Wait.UntilAsync(
            async token => (await stage.NotSeenSinceAsync(default, token)).Count == 0, StreamPatience,
            () => $"Not all sensors stream: {string.Join(" / ", stage.HubProgram.SaidSince(0))}");
        say(string.Create(CultureInfo.InvariantCulture, $"{stage.Sensors.Count} sensors stream, and rows of all are stored, {took.TotalSeconds:0.0} s after the hub was ready."));
        say("");

        var begin = _time.GetTimestamp();
        var done = 0;
        if (plan.Count == 0)
            await Wait.ForAsync(wish.Calm);
        else
            foreach (var line in Report.Head())
                say(line);
        foreach (var round in plan)
        {
            if (_time.GetElapsedTime(begin) > wish.Limit)
                break;
            if (round.Setup != stage.Setup)
                await stage.ArrangeAsync(round.Setup);
            say(Report.Line(await PlayAsync(stage, round, begin)));
            done++;
        }

        say("");
        await EndAsync(stage);
        var right = await VerifyAsync(stage);
        if (done < plan.Count)
            say($"Only {done} of {plan.Count} rounds fitted into the time: give it more with --minutes.");
        return right && done == plan.Count;
    }

    private async Task<Outcome> PlayAsync(Stage stage, Round round, long begin)
    {
        await Wait.ForAsync(round.Calm);
        var at = _time.GetElapsedTime(begin);
        var said = stage.Programs.ToDictionary(p => p, p => p.LinesSaid);
        var end = await Strike.BeginAsync(stage, round);
        await Wait.ForAsync(round.Lasting);
        await end();
        var ended = stage.Now;
        var recovered = await Wait.TakesAsync(async token => (await stage.NotSeenSinceAsync(ended, token)).Count == 0, RecoveryPatience);
        return new Outcome(round, at, [.. said.SelectMany(p => p.Key.SaidSince(p.Value).Select(line => $"{p.Key.Name}: {line.Replace(stage.Folder, "…", StringComparison.Ordinal)}"))], recovered);
    }

    /// <summary>Stops the sensors, ends the session, and waits until nothing is written any more.</summary>
    private async Task EndAsync(Stage stage)
    {
        stage.Samples.Silence();
        await Wait.ForAsync(TimeSpan.FromSeconds(3)); // what is on its way
        stage.StopSensors();
        var session = Directory.GetDirectories(stage.Recordings).Max(StringComparer.Ordinal)!;
        await EndSessionAsync(stage, Slug.Parse(Path.GetFileName(session).Split('.')[0]));

        var since = _time.GetTimestamp();
        (long, long)? before = null;
        var waiting = -1L;
        var drained = await Wait.TakesAsync(async token =>
        {
            var now = (await stage.Influx.WritesAsync(token), stage.Store.Changes());
            waiting = await stage.WaitingAsync(token);
            if (now != before || waiting > 0 || CutRecordings.Find(stage.Recordings).Count > 0)
                since = _time.GetTimestamp();
            before = now;
            return _time.GetElapsedTime(since) > Quiet;
        }, DrainPatience);
        say(drained is { } took
            ? string.Create(CultureInfo.InvariantCulture, $"Sensors stopped; {(took - Quiet).TotalSeconds:0} s later the hub's outbox was empty, every recording closed, and nothing more was written.")
            : string.Create(CultureInfo.InvariantCulture, $"Sensors stopped; {DrainPatience.TotalMinutes:0} min later {waiting} messages waited in the outbox, {CutRecordings.Find(stage.Recordings).Count} recordings were open, or rows were still being written."));
        await stage.EndHubAsync();
    }

    /// <summary>As a person's phone says it.</summary>
    private async Task EndSessionAsync(Stage stage, Slug session)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), _time);
        await client.ConnectAsync(stage.BrokerAccount("sensorhub-faults"), limit.Token);
        await client.PublishAsync(new HubMessages(Slug.Parse(Stage.Hub)).Command(new Marker.SessionEnded(session)), limit.Token);
        await client.DisconnectAsync(new MqttClientDisconnectOptions(), limit.Token);
    }

    private async Task<bool> VerifyAsync(Stage stage)
    {
        var folders = Directory.GetDirectories(stage.Recordings).Order(StringComparer.Ordinal).ToList();
        var samples = stage.Samples.Compare(folders, stage.HubDeaths);
        var expected = new Expected(Slug.Parse(Stage.Hub));
        foreach (var folder in folders)
            await expected.AddAsync(folder, stage.CutSessions.Contains(folder), line => say($"recording: {line}".Replace(stage.Folder, "…", StringComparison.Ordinal)));
        say($"{expected.Recordings.All} recordings, {expected.Recordings.Cut} of them cut by a crash; {expected.Rows.Count} rows expected, {expected.TakenBack.Count} taken back.");

        Comparison[] comparisons =
        [
            new(expected, await stage.Influx.ReadAsync(expected.From, expected.To)),
            new(expected, stage.Store.Read()),
        ];
        foreach (var line in comparisons.SelectMany(c => Report.Table(c).Prepend("")).Append("").Concat(Report.Table(samples)).Append(""))
            say(line);
        foreach (var comparison in comparisons)
        {
            Show($"{comparison.Output}, missing", comparison.Missing.Select(k => k.ToString()));
            Show($"{comparison.Output}, twice", comparison.Twice.Select(k => k.ToString()));
            Show($"{comparison.Output}, not expected", comparison.Unexpected.Select(k => k.ToString()));
            Show($"{comparison.Output}, with another value", comparison.Other);
        }
        Show("before or after a session, other than sensor_health", comparisons[0].Outside.Where(k => k.Measurement != "sensor_health").Select(k => k.ToString()));
        Show("samples lost", samples.FirstLost);
        var ends = stage.Programs.Where(p => p.OwnEnds > 0).ToList();
        foreach (var program in ends)
            say($"{program.Name} ended {program.OwnEnds} times without being told to.");

        var right = comparisons.All(c => c.IsRight) && samples is { Lost: 0, Sent: > 0 } && expected.Rows.Count > 0;
        return right && await CanSeeAsync(stage, expected);
    }

    /// <summary>Whether a row that is not there would have been seen: one is taken away from each output.</summary>
    private async Task<bool> CanSeeAsync(Stage stage, Expected expected)
    {
        var victim = expected.Rows.Keys.ElementAt(new Random(wish.Seed).Next(expected.Rows.Count));
        await stage.Influx.DeleteAsync(victim);
        stage.Store.Delete(victim);
        Comparison[] comparisons = [new(expected, await stage.Influx.ReadAsync(expected.From, expected.To)), new(expected, stage.Store.Read())];
        var sees = comparisons.All(c => c is { Missing: [var missing], Twice: [], Unexpected: [], Other: [] } && missing == victim);
        say(sees
            ? "Counter-check: one row was deleted from each output; the comparison finds it missing, and nothing else."
            : $"Counter-check failed: {victim} was deleted, and the comparison found {string.Join(" and ", comparisons.Select(c => c.Missing.Count))} missing.");
        return sees;
    }

    private void Show(string what, IEnumerable<string> all)
    {
        var list = all.ToList();
        if (list.Count == 0)
            return;
        say($"{what}: {list.Count}; the first:");
        foreach (var item in list.Take(10))
            say($"    {item}");
    }

    /// <summary>The disks are in memory: what is to be looked at afterwards is copied.</summary>
    private void Keep(Stage stage)
    {
        var kept = stage.Folder + "-kept";
        try
        {
            foreach (var file in Directory.EnumerateFiles(stage.Folder, "*", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(kept, Path.GetRelativePath(stage.Folder, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }
            foreach (var program in stage.Programs)
                File.WriteAllLines(Path.Combine(kept, program.Name + ".log"), program.SaidSince(0));
            say($"Everything is kept in {kept}.");
        }
        catch (IOException e)
        {
            say($"Not everything could be kept in {kept}: {e.Message}");
        }
    }
}
