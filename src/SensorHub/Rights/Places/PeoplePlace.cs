using System.Text.Json;
using System.Text.Json.Nodes;
using SensorHub.Core;
using SensorHub.Rights.Exporting;

namespace SensorHub.Rights.Places;

/// <summary>
/// The file of people: account, consents, notes, plans and programmes, ticks, care, and the log of who looked. Every table with a column <c>SubjectId</c> is about
/// a subject; an account goes with the subject it is of.
/// </summary>
/// <remarks>
/// Rows about others that they wrote stay, with the number of an account that is no more. In the log of others, their name and what names them is replaced.
/// </remarks>
/// <param name="path">Of the file.</param>
internal sealed class PeoplePlace(string path) : ISubjectPlace
{
    private const string Erased = "(erased)";

    /// <summary>Tables of ASP.NET Core Identity that hang on an account.</summary>
    private static readonly string[] OfAccount = ["AspNetUserClaims", "AspNetUserLogins", "AspNetUserTokens"];

    /// <summary>Nothing that one could sign in with.</summary>
    private static readonly string[] AccountColumns = ["UserName", "DisplayName", "Email", "PhoneNumber", "Role", "CreatedAt", "TwoFactorEnabled"];

    /// <summary>Of the keys for programs.</summary>
    private static readonly string[] KeyColumns = ["Name", "CreatedAt", "Until", "RevokedAt"];

    /// <summary>UTC ticks of 100 ns since the year 1.</summary>
    private static readonly string[] TimeColumns = ["At", "From", "Until", "WithdrawnAt", "CreatedAt", "ScreenedAt", "RevokedAt"];

    private static readonly string[] JsonColumns = ["Json", "Screening"];

    public string Kind => "people";

    public string Unit => "rows";

    public string Where => path;

    public Task<IReadOnlyCollection<Slug>> SubjectsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyCollection<Slug>>(!File.Exists(path) ? [] : SqliteRows.Use(path, write: false, rows =>
        About(rows).SelectMany(t => rows.Query($"SELECT DISTINCT {SubjectOf(t.Table)} FROM {t.Table}").ToList())
            .Select(r => Slug.TryParse((string?)r[0], out var subject) ? subject : default).Where(s => !s.IsNone).Distinct().ToList()));

    public Task<Holding> FindAsync(SubjectScope scope, CancellationToken cancellationToken) => Task.FromResult(!File.Exists(path) ? Holding.None : SqliteRows.Use(path, write: false, rows =>
        new Holding(About(rows).Sum(t => rows.Query($"SELECT count(*) FROM {t.Table} WHERE {Condition(t, scope)}", Values(scope)).Sum(r => (long)r[0]!))
            + (scope.IsWhole && AccountOf(rows, scope.Subject) is not null ? 1 : 0))));

    public Task ExportAsync(SubjectScope scope, SubjectExport to, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return Task.CompletedTask;
        var json = SqliteRows.Use(path, write: false, rows =>
        {
            var all = new JsonObject();
            if (scope.IsWhole && AccountOf(rows, scope.Subject) is { } account)
            {
                all["account"] = Rows(rows, "AspNetUsers", AccountColumns, "Id = $p0", [account.Id])[0]?.DeepClone();
                if (HasKeys(rows) && Rows(rows, "AccessKeys", KeyColumns, "AccountId = $p0", [account.Id]) is { Count: > 0 } keys)
                    all["access_keys"] = keys;
            }
            foreach (var table in About(rows))
                if (Rows(rows, table.Table, table.Columns, Condition(table, scope), Values(scope)) is { Count: > 0 } theirs)
                    all[JsonNamingPolicy.SnakeCaseLower.ConvertName(table.Table.Trim('"'))] = theirs;
            return all;
        });
        if (json.Count > 0)
            to.Write("people.json", SubjectExport.Text(json), "Your account without its password, what you told of yourself, consents, notes about you, plans and programmes, exercises done, and who looked at what.");
        return Task.CompletedTask;
    }

    public Task<long> EraseAsync(SubjectScope scope, Action<string> say, CancellationToken cancellationToken) => Task.FromResult(!File.Exists(path) ? 0 : SqliteRows.Use(path, write: true, rows =>
    {
        var erased = rows.InTransaction(() =>
        {
            var account = scope.IsWhole ? AccountOf(rows, scope.Subject) : null;
            var count = scope.IsWhole ? EraseAccount(rows, scope.Subject, account) : 0;
            return count + About(rows).Sum(t => (long)rows.Execute($"DELETE FROM {t.Table} WHERE {Condition(t, scope)}", Values(scope)));
        });
        rows.Purge();
        return erased;
    }));

    public Task<PlaceScan> ScanAsync(SubjectScope scope, Traces traces, CancellationToken cancellationToken) => Task.FromResult(PlaceScan.Of("", 0, [])); // with all files of SQLite: FilesPlace

    /// <summary>One line in the log of who did what: that there was an erasure, by its number.</summary>
    public void Log(string id, DateTimeOffset at)
    {
        if (File.Exists(path))
            SqliteRows.Use(path, write: true, rows => rows.Execute("INSERT INTO Audit (At, By, What, Detail) VALUES ($p0, 'the command line', 'erased', $p1)", at.UtcTicks, id));
    }

    private static long EraseAccount(SqliteRows rows, Slug subject, (string Id, string[] Names)? account)
    {
        string[] names = [subject.ToString(), .. account?.Names ?? [], .. rows.Query("SELECT Alias FROM Subjects WHERE Id = $p0 AND Alias <> ''", subject.ToString()).Select(r => (string)r[0]!)];
        var erased = 0L;
        foreach (var name in names.Distinct())
        {
            erased += rows.Execute("DELETE FROM Invitations WHERE Name = $p0", name);
            rows.Execute($"UPDATE Audit SET By = '{Erased}' WHERE By = $p0 AND (AccountId IS NULL OR AccountId = $p1)", name, account?.Id ?? "");
        }
        var named = new Names(names);
        foreach (var row in rows.Query("SELECT Id, Detail FROM Audit WHERE Detail <> ''").Where(r => named.In((string)r[1]!)).ToList())
            rows.Execute($"UPDATE Audit SET Detail = '{Erased}' WHERE Id = $p0", row[0]!);
        if (account is not { Id: var id })
            return erased;
        rows.Execute($"UPDATE Audit SET By = '{Erased}', AccountId = NULL WHERE AccountId = $p0", id);
        rows.Execute("DELETE FROM Invitations WHERE InvitedBy = $p0", id);
        foreach (var table in OfAccount)
            rows.Execute($"DELETE FROM {table} WHERE UserId = $p0", id);
        if (HasKeys(rows))
            erased += rows.Execute("DELETE FROM AccessKeys WHERE AccountId = $p0", id);
        return erased + rows.Execute("DELETE FROM AspNetUsers WHERE Id = $p0", id);
    }

    /// <summary>Files of older versions have none.</summary>
    private static bool HasKeys(SqliteRows rows) => rows.Tables().Any(t => t.Table == "AccessKeys");

    private static (string Id, string[] Names)? AccountOf(SqliteRows rows, Slug subject)
    {
        var found = rows.Query("SELECT a.Id, a.UserName, a.DisplayName, a.Email FROM Subjects s JOIN AspNetUsers a ON a.Id = s.AccountId WHERE s.Id = $p0", subject.ToString()).FirstOrDefault();
        return found is null ? null : ((string)found[0]!, [.. found.Skip(1).OfType<string>().Where(n => n.Length > 0)]);
    }

    private static IEnumerable<(string Table, IReadOnlyList<string> Columns)> About(SqliteRows rows) =>
        rows.Tables().Where(t => t.Table == "Subjects" || t.Columns.Contains("SubjectId")).Select(t => (SqliteRows.Quote(t.Table), t.Columns));

    private static string SubjectOf(string table) => table == "\"Subjects\"" ? "Id" : "SubjectId";

    private static string Condition((string Table, IReadOnlyList<string> Columns) table, SubjectScope scope) =>
        scope.IsWhole ? $"{SubjectOf(table.Table)} = $p0"
        : table.Columns.Contains("Session") ? "SubjectId = $p0 AND Session IN (SELECT value FROM json_each($p1))"
        : "false";

    private static object[] Values(SubjectScope scope) => [scope.Subject.ToString(), new JsonArray([.. scope.Names.Select(s => (JsonNode)s.ToString())]).ToJsonString()];

    private static JsonArray Rows(SqliteRows rows, string table, IReadOnlyList<string> columns, string condition, object[] values) =>
        [.. rows.Query($"SELECT {string.Join(", ", columns.Select(SqliteRows.Quote))} FROM {table} WHERE {condition} ORDER BY rowid", values).Select(row =>
        {
            var json = new JsonObject();
            for (var i = 0; i < columns.Count; i++)
                json[JsonNamingPolicy.SnakeCaseLower.ConvertName(columns[i])] = Cell(columns[i], row[i]);
            return json;
        })];

    private static JsonNode? Cell(string column, object? value) => value switch
    {
        long ticks when TimeColumns.Contains(column) => new DateTimeOffset(ticks, TimeSpan.Zero).ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        string json when JsonColumns.Contains(column) => JsonNode.Parse(json),
        _ => SubjectExport.Cell(value),
    };

    /// <summary>Names as people write them, such as "Anna Berg": found where no letter stands beside them.</summary>
    private sealed class Names(string[] names)
    {
        public bool In(string text) => names.Any(name => Occurs(text, name));

        private static bool Occurs(string text, string name)
        {
            for (var at = text.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
                if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (at + name.Length == text.Length || !char.IsLetterOrDigit(text[at + name.Length])))
                    return true;
            return false;
        }
    }
}
