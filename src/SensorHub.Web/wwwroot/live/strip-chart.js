import { PlaybackClock } from "./playback-clock.js";

const svgNs = "http://www.w3.org/2000/svg";
const span = 30;          // s shown
const longestStep = 0.3;  // s between two points that a line may bridge: longer is a gap
const shortestStep = 0.018; // s: points closer than that share a pixel
const disorder = 1;         // s that a point delivered again may be older than the newest
const chunkSize = 40;     // points: only the newest chunk is drawn anew
const left = 46, rightMargin = 8, bottom = 26, top = 8;

const element = (name, attributes, parent) => {
  const made = document.createElementNS(svgNs, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
};

/** The last 30 s of an angle with its 95 % band, scrolling by event time. Where there are no data there is no line. */
export class StripChart {
  /** @param changed Called when the chart's size changes: it wants to be drawn. */
  constructor(container, changed) {
    this.container = container;
    this.clock = new PlaybackClock();
    this.svg = element("svg", { "aria-hidden": "true" }, container);
    const clip = element("clipPath", { id: "strip-chart-clip" }, this.svg);
    this.clipRect = element("rect", { x: left, y: 0 }, clip);
    this.grid = element("g", { class: "grid" }, this.svg);
    const plot = element("g", { "clip-path": "url(#strip-chart-clip)" }, this.svg);
    this.moving = element("g", {}, plot);
    this.gapLayer = element("g", { class: "gaps" }, this.moving);
    this.bandLayer = element("g", { class: "bands" }, this.moving);
    this.lineLayer = element("g", { class: "lines" }, this.moving);
    this.levels = element("g", { class: "levels" }, this.svg);
    this.head = element("circle", { class: "head", r: 5, visibility: "hidden" }, this.svg);
    this.observer = new ResizeObserver(() => {
      this.resize();
      changed();
    });
    this.observer.observe(container);
    this.clear();
    this.resize();
  }

  clear() {
    this.chunks = [];
    this.gaps = [];
    this.base = null;
    this.last = null;
    this.standing = null;
    this.range = [0, 40];
    this.clock.clear();
    this.gapLayer.replaceChildren();
    this.bandLayer.replaceChildren();
    this.lineLayer.replaceChildren();
    this.redraw = true;
  }

  resize() {
    this.width = Math.max(this.container.clientWidth, 120);
    this.height = Math.max(this.container.clientHeight, 100);
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.right = this.width - rightMargin;
    this.clipRect.setAttribute("width", this.right - left);
    this.clipRect.setAttribute("height", this.height);
    this.scale = (this.right - left) / span;
    this.redraw = true;
  }

  /**
   *  @param point {t, value, u, standing}: s, degrees, standard uncertainty, the level of calibrated standing; value null = not observable.
   *  @param known It is history, see PlaybackClock.
   */
  add(point, now, known) {
    if (this.last !== null && point.t < this.last.t - disorder) this.clear(); // a recording that is replayed again
    this.base ??= point.t;
    this.clock.arrived(point.t, now, known);
    this.standing = point.standing;
    if (point.value === null) return;
    const step = this.last === null ? Infinity : point.t - this.last.t;
    if (step < shortestStep) return;
    if (this.last !== null && step > longestStep) {
      this.gaps.push({ start: this.last.t, duration: step, rect: element("rect", {}, this.gapLayer) });
      this.redraw = true;
    }
    let chunk = this.chunks.at(-1);
    if (chunk === undefined || step > longestStep || chunk.points.length >= chunkSize) {
      const joined = step <= longestStep ? [this.last] : [];
      chunk = {
        points: joined,
        band: element("path", {}, this.bandLayer),
        line: element("path", {}, this.lineLayer),
      };
      this.chunks.push(chunk);
    }
    chunk.points.push(point);
    chunk.dirty = true;
    this.last = point;
  }

  /** Whether there is something that scrolls. */
  get alive() {
    return this.chunks.length > 0;
  }

  /** @param stepped Moves once a second instead of at each frame. */
  draw(now, stepped) {
    const shown = this.clock.tick(now);
    if (this.base === null || shown === null) {
      if (this.redraw) this.drawGrid();
      this.redraw = false;
      return;
    }
    const edge = stepped ? Math.floor(shown) : shown;
    if (edge - this.base > 1000) {
      this.base = edge; // keeps coordinates small
      this.redraw = true;
    }
    this.forget(edge - span - 1);
    this.fitRange();
    if (this.redraw) this.drawGrid();
    for (const chunk of this.chunks)
      if (chunk.dirty || this.redraw) this.drawChunk(chunk);
    if (this.redraw) this.drawGaps();
    this.redraw = false;
    this.drawStanding();
    this.moving.setAttribute("transform", `translate(${(this.right - (edge - this.base) * this.scale).toFixed(2)} 0)`);
    this.drawHead(edge);
  }

  forget(before) {
    while (this.chunks.length > 0 && this.chunks[0].points.at(-1).t < before) {
      const chunk = this.chunks.shift();
      chunk.line.remove();
      chunk.band.remove();
    }
    while (this.gaps.length > 0 && this.gaps[0].start + this.gaps[0].duration < before)
      this.gaps.shift().rect.remove();
  }

  fitRange() {
    let low = Infinity, high = -Infinity;
    for (const { points } of this.chunks)
      for (const { value, u } of points) {
        low = Math.min(low, value - 2 * u);
        high = Math.max(high, value + 2 * u);
      }
    if (this.standing !== null) {
      low = Math.min(low, this.standing);
      high = Math.max(high, this.standing);
    }
    if (low > high) return;
    low = Math.floor((low - 1) / 10) * 10;
    high = Math.ceil((high + 1) / 10) * 10;
    if (high - low < 40) high = low + 40;
    if (low === this.range[0] && high === this.range[1]) return;
    this.range = [low, high];
    this.redraw = true;
  }

  x(t) { return (t - this.base) * this.scale; }

  y(value) {
    const [low, high] = this.range;
    return top + (high - value) / (high - low) * (this.height - top - bottom);
  }

  drawGrid() {
    this.grid.replaceChildren();
    const [low, high] = this.range;
    const step = high - low > 80 ? 20 : 10;
    for (let value = Math.ceil(low / step) * step; value <= high; value += step) {
      const y = this.y(value).toFixed(1);
      element("line", { x1: left, x2: this.right, y1: y, y2: y, class: value === 0 ? "zero" : "" }, this.grid);
      element("text", { x: left - 10, y, dy: "0.35em", "text-anchor": "end" }, this.grid).textContent = `${value}°`.replace("-", "−");
    }
    for (const ago of this.width < 480 ? [30, 0] : [30, 20, 10, 0]) {
      const x = this.right - ago * this.scale;
      element("text", { x: x.toFixed(1), y: this.height - 6, "text-anchor": ago === 0 ? "end" : ago === 30 ? "start" : "middle" }, this.grid)
        .textContent = ago === 0 ? "now" : `${ago} s ago`;
    }
  }

  drawChunk(chunk) {
    const at = (t, value) => `${this.x(t).toFixed(1)} ${this.y(value).toFixed(1)}`;
    const { points } = chunk;
    chunk.line.setAttribute("d", "M" + points.map(p => at(p.t, p.value)).join("L") + (points.length === 1 ? "h0" : ""));
    const upper = points.map(p => at(p.t, p.value + 2 * p.u));
    const lower = points.map(p => at(p.t, p.value - 2 * p.u)).reverse();
    chunk.band.setAttribute("d", `M${upper.join("L")}L${lower.join("L")}Z`);
    chunk.dirty = false;
  }

  drawGaps() {
    for (const { start, duration, rect } of this.gaps) {
      rect.setAttribute("x", this.x(start).toFixed(1));
      rect.setAttribute("width", (duration * this.scale).toFixed(1));
      rect.setAttribute("y", top);
      rect.setAttribute("height", this.height - top - bottom);
    }
  }

  drawStanding() {
    const y = this.standing === null ? null : this.y(this.standing).toFixed(1);
    if (this.levels.dataset.y === String(y)) return;
    this.levels.dataset.y = String(y);
    this.levels.replaceChildren();
    if (y !== null) element("line", { x1: left, x2: this.right, y1: y, y2: y, class: "standing" }, this.levels);
  }

  /** The dot at the end of the line. */
  drawHead(edge) {
    const points = this.chunks.at(-1)?.points ?? [];
    const after = points.findIndex(p => p.t >= edge);
    const [a, b] = after > 0 ? [points[after - 1], points[after]] : [];
    this.head.setAttribute("visibility", a ? "visible" : "hidden");
    if (!a) return;
    const value = a.value + (b.value - a.value) * (edge - a.t) / (b.t - a.t);
    this.head.setAttribute("cx", this.right);
    this.head.setAttribute("cy", this.y(value).toFixed(1));
  }

  dispose() {
    this.observer.disconnect();
    this.svg.remove();
  }
}
