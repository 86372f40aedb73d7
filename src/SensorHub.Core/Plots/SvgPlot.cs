using System.Globalization;
using System.Net;
using System.Text;

namespace SensorHub.Core.Plots;

/// <summary>A plot as SVG text for a page: lines, points, spans and levels over two axes. It needs neither script nor file.</summary>
/// <param name="title">Read out by screen readers.</param>
/// <param name="xLabel">With its unit.</param>
/// <param name="yLabel">With its unit.</param>
public sealed class SvgPlot(string title, string xLabel, string yLabel)
{
    private const double Width = 860, Left = 64, Right = 16, Top = 14, Bottom = 44;
    private readonly List<(string Class, IReadOnlyList<(double X, double Y)> Points, bool Joined)> _series = [];
    private readonly List<(double Y, string Class, string Label)> _levels = [];
    private readonly List<(double From, double To, string Class, string Label)> _spans = [];
    private readonly List<(string Class, string Label)> _legend = [];

    public double Height { get; init; } = 260;

    /// <summary>The axis reaches at least here.</summary>
    public (double From, double To)? YRange { get; init; }

    /// <param name="kind">A class of the page's style: <c>a</c>, <c>b</c>, <c>c</c>.</param>
    /// <param name="points">A y that is not finite parts the line.</param>
    /// <param name="label">In the legend; null = not there.</param>
    public SvgPlot Line(string kind, IReadOnlyList<(double X, double Y)> points, string? label = null) => Add(kind, Thinned(points), joined: true, label);

    public SvgPlot Points(string kind, IReadOnlyList<(double X, double Y)> points, string? label = null) => Add(kind, points, joined: false, label);

    /// <summary>A horizontal line with a word at its end.</summary>
    public SvgPlot Level(double y, string kind, string label)
    {
        _levels.Add((y, kind, label));
        return this;
    }

    /// <summary>A stretch of the x axis.</summary>
    public SvgPlot Span(double from, double to, string kind, string label)
    {
        _spans.Add((from, to, kind, label));
        return this;
    }

    public override string ToString()
    {
        var finite = _series.SelectMany(s => s.Points).Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y)).ToArray();
        var xs = finite.Select(p => p.X).Concat(_spans.SelectMany(s => new[] { s.From, s.To })).DefaultIfEmpty(0).ToArray();
        var ys = finite.Select(p => p.Y).Concat(_levels.Select(l => l.Y)).Concat(YRange is { } range ? [range.From, range.To] : []).DefaultIfEmpty(0).ToArray();
        var x = new Axis(xs.Min(), xs.Max(), Left, Width - Right, padded: _series.Any(s => !s.Joined));
        var y = new Axis(ys.Min(), ys.Max(), Height - Bottom, Top, padded: true);
        var svg = new StringBuilder();
        svg.Append(Invariant($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\"><title>{Escaped(title)}</title>\n"));
        foreach (var (from, to, kind, label) in _spans)
            svg.Append(Invariant($"<rect class=\"span {kind}\" x=\"{x.At(from):0.#}\" y=\"{Top}\" width=\"{Math.Max(0.5, x.At(to) - x.At(from)):0.#}\" height=\"{Height - Top - Bottom}\"><title>{Escaped(label)}</title></rect>\n"));
        foreach (var tick in y.Ticks)
            svg.Append(Invariant($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y.At(tick):0.#}\" y2=\"{y.At(tick):0.#}\"/><text class=\"tick\" text-anchor=\"end\" x=\"{Left - 6}\" y=\"{y.At(tick) + 4:0.#}\">{tick:0.######}</text>\n"));
        foreach (var tick in x.Ticks)
            svg.Append(Invariant($"<line class=\"grid\" x1=\"{x.At(tick):0.#}\" x2=\"{x.At(tick):0.#}\" y1=\"{Top}\" y2=\"{Height - Bottom}\"/><text class=\"tick\" text-anchor=\"middle\" x=\"{x.At(tick):0.#}\" y=\"{Height - Bottom + 16}\">{tick:0.######}</text>\n"));
        foreach (var (at, kind, label) in _levels)
            svg.Append(Invariant($"<line class=\"level {kind}\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y.At(at):0.#}\" y2=\"{y.At(at):0.#}\"/><text class=\"tick\" text-anchor=\"end\" x=\"{Width - Right - 4}\" y=\"{y.At(at) - 4:0.#}\">{Escaped(label)}</text>\n"));
        foreach (var (kind, points, joined) in _series)
            svg.Append(joined ? Path(kind, points, x, y) : Dots(kind, points, x, y));
        svg.Append(Invariant($"<text class=\"label\" text-anchor=\"middle\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 8}\">{Escaped(xLabel)}</text>\n"));
        svg.Append(Invariant($"<text class=\"label\" text-anchor=\"middle\" transform=\"translate(14 {(Top + Height - Bottom) / 2}) rotate(-90)\">{Escaped(yLabel)}</text>\n"));
        var at2 = Left + 8;
        foreach (var (kind, label) in _legend)
        {
            svg.Append(Invariant($"<rect class=\"key {kind}\" x=\"{at2}\" y=\"{Top + 4}\" width=\"14\" height=\"4\"/><text class=\"tick\" x=\"{at2 + 18}\" y=\"{Top + 10}\">{Escaped(label)}</text>\n"));
            at2 += 30 + 7 * label.Length;
        }
        return svg.Append("</svg>\n").ToString();
    }

    private SvgPlot Add(string kind, IReadOnlyList<(double X, double Y)> points, bool joined, string? label)
    {
        _series.Add((kind, points, joined));
        if (label is not null)
            _legend.Add((kind, label));
        return this;
    }

    /// <summary>Of more points than the plot is wide, the least and the largest of each column: peaks stay.</summary>
    private static IReadOnlyList<(double X, double Y)> Thinned(IReadOnlyList<(double X, double Y)> points)
    {
        const int Columns = 780;
        if (points.Count <= 2 * Columns)
            return points;
        var thinned = new List<(double X, double Y)>();
        for (var column = 0; column < Columns; column++)
        {
            var from = (int)((long)column * points.Count / Columns);
            var to = (int)((long)(column + 1) * points.Count / Columns);
            var (least, largest) = (from, from);
            for (var i = from; i < to; i++)
            {
                if (!double.IsFinite(points[i].Y))
                {
                    (least, largest) = (i, i);
                    break;
                }
                least = points[i].Y < points[least].Y ? i : least;
                largest = points[i].Y > points[largest].Y ? i : largest;
            }
            thinned.Add(points[Math.Min(least, largest)]);
            if (least != largest)
                thinned.Add(points[Math.Max(least, largest)]);
        }
        return thinned;
    }

    private static string Path(string kind, IReadOnlyList<(double X, double Y)> points, Axis x, Axis y)
    {
        var path = new StringBuilder();
        var begins = true;
        foreach (var (px, py) in points)
        {
            if (!double.IsFinite(py))
            {
                begins = true;
                continue;
            }
            path.Append(Invariant($"{(begins ? 'M' : 'L')}{x.At(px):0.#} {y.At(py):0.#}"));
            begins = false;
        }
        return $"<path class=\"line {kind}\" d=\"{path}\"/>\n";
    }

    private static string Dots(string kind, IReadOnlyList<(double X, double Y)> points, Axis x, Axis y) => string.Concat(points
        .Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y)).Select(p => Invariant($"<circle class=\"dot {kind}\" cx=\"{x.At(p.X):0.#}\" cy=\"{y.At(p.Y):0.#}\" r=\"3.5\"/>\n")));

    private static string Escaped(string text) => WebUtility.HtmlEncode(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Values to places, with ticks at 1, 2 or 5 times a power of ten.</summary>
    private sealed class Axis
    {
        private readonly double _low, _high, _from, _to;

        public Axis(double low, double high, double from, double to, bool padded)
        {
            if (high - low < 1e-9)
                (low, high) = (low - 1, high + 1);
            var pad = padded ? 0.05 * (high - low) : 0;
            (_low, _high, _from, _to) = (low - pad, high + pad, from, to);
        }

        public double At(double value) => _from + (value - _low) / (_high - _low) * (_to - _from);

        public IEnumerable<double> Ticks
        {
            get
            {
                var rough = (_high - _low) / (Math.Abs(_to - _from) > 400 ? 8 : 5);
                var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
                var step = power * (rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 };
                for (var i = Math.Ceiling(_low / step); i * step <= _high; i++)
                    yield return Math.Round(i * step, 10) + 0.0; // no −0
            }
        }
    }
}
