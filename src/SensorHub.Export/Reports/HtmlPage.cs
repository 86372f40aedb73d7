using System.Net;
using System.Text;
using SensorHub.Core.Plots;

namespace SensorHub.Export.Reports;

/// <summary>A page that stands by itself: no script, no file beside it. Readable on paper, in the dark and by screen readers.</summary>
public sealed class HtmlPage(string title)
{
    private const string Style = """
        :root{color-scheme:light dark;--a:#0b62a4;--b:#b4530a;--c:#2d7d46;--ink:#1b1f24;--soft:#5b6470;--grid:#d9dee4;--paper:#fff}
        @media(prefers-color-scheme:dark){:root{--a:#6db7f2;--b:#f0a35e;--c:#7fcf98;--ink:#e8ebef;--soft:#a7b0bb;--grid:#3a424c;--paper:#14181d}}
        body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:60rem;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
        table{border-collapse:collapse;margin:.5rem 0}th,td{border-bottom:1px solid var(--grid);padding:.25rem .75rem .25rem 0;text-align:left;vertical-align:top}
        td.n{text-align:right;font-variant-numeric:tabular-nums}.soft{color:var(--soft)}
        svg{width:100%;height:auto;margin:.5rem 0}svg text{fill:var(--soft);font-size:12px}svg .label{fill:var(--ink);font-size:13px}
        .grid{stroke:var(--grid);stroke-width:1}.line{fill:none;stroke-width:1.5}.line.a,.level.a{stroke:var(--a)}.line.b,.level.b{stroke:var(--b)}.line.c,.level.c{stroke:var(--c)}
        .level{stroke-dasharray:5 4;stroke-width:1.5}.dot.a,.key.a{fill:var(--a)}.dot.b,.key.b{fill:var(--b)}.dot.c,.key.c{fill:var(--c)}.dot{fill-opacity:.7}
        .span{fill:var(--soft);fill-opacity:.12}.span.b{fill:var(--b);fill-opacity:.25}
        @media print{body{max-width:none;margin:0}h2{break-after:avoid}svg{break-inside:avoid}}
        """;

    private readonly StringBuilder _body = new();

    public HtmlPage Heading(string text) => Append($"<h2>{Escaped(text)}</h2>\n");

    public HtmlPage Paragraph(string text) => Append($"<p>{Escaped(text)}</p>\n");

    public HtmlPage Soft(string text) => Append($"<p class=\"soft\">{Escaped(text)}</p>\n");

    public HtmlPage Plot(SvgPlot plot) => Append($"<figure style=\"margin:0\">{plot}</figure>\n");

    /// <param name="columns">Those that end in '#' hold numbers.</param>
    /// <param name="rows">A cell for each column.</param>
    public HtmlPage Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        _body.Append("<table>\n<thead><tr>").AppendJoin("", columns.Select(c => $"<th scope=\"col\">{Escaped(c.TrimEnd('#'))}</th>")).Append("</tr></thead>\n<tbody>\n");
        foreach (var row in rows)
            _body.Append("<tr>").AppendJoin("", row.Select((cell, i) => columns[i].EndsWith('#') ? $"<td class=\"n\">{Escaped(cell)}</td>" : $"<td>{Escaped(cell)}</td>")).Append("</tr>\n");
        return Append("</tbody></table>\n");
    }

    public override string ToString() => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Escaped(title)}</title>
        <style>
        {Style}
        </style>
        </head>
        <body>
        <h1>{Escaped(title)}</h1>
        {_body}</body>
        </html>

        """.ReplaceLineEndings("\n");

    private HtmlPage Append(string html)
    {
        _body.Append(html);
        return this;
    }

    private static string Escaped(string text) => WebUtility.HtmlEncode(text);
}
