/**
 * Charts of weeks and days, drawn by ECharts from what the page carries, and the ticks of exercises. Each chart has a table beside it with the same numbers;
 * with the keyboard the arrow keys go from point to point, and say each.
 */
const colour = name => {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color; // light-dark() as it is now
  probe.remove();
  return value;
};
const faded = (value, share) => `color-mix(in srgb, ${value} ${share}%, transparent)`;
const number = value => (Math.round(value * 10) / 10).toString().replace("-", "−");

class SensorHubChart extends HTMLElement {
  connectedCallback() {
    this.data = JSON.parse(this.dataset.chart);
    this.group = 0;
    this.at = null;
    if (this.data.groups) this.addChoice();
    this.plot = document.createElement("div");
    this.plot.className = "plot";
    this.plot.tabIndex = 0;
    this.plot.setAttribute("role", "group");
    this.plot.setAttribute("aria-roledescription", "chart");
    this.plot.setAttribute("aria-label", `${this.dataset.label}. Arrow keys go from point to point; the table below has the same numbers.`);
    this.said = document.createElement("p");
    this.said.className = "visually-hidden";
    this.said.setAttribute("aria-live", "polite");
    this.append(this.plot, this.said);
    this.plot.addEventListener("keydown", event => this.key(event));
    this.plot.addEventListener("blur", () => this.chart?.dispatchAction({ type: "hideTip" }));
    this.begin();
  }

  disconnectedCallback() {
    this.abort?.abort();
    this.sizes?.disconnect();
    this.themes?.disconnect();
    this.chart?.dispose();
  }

  begin() {
    if (!window.echarts) {
      this.textContent = ""; // the table has it all
      return;
    }
    this.abort = new AbortController();
    this.chart = echarts.init(this.plot, null, { renderer: "svg" });
    this.draw();
    this.sizes = new ResizeObserver(() => this.chart.resize());
    this.sizes.observe(this.plot);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw(), { signal: this.abort.signal });
    this.themes = new MutationObserver(() => this.draw());
    this.themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  }

  addChoice() {
    const label = document.createElement("label");
    label.className = "choice";
    label.textContent = "Muscle ";
    const select = document.createElement("select");
    select.append(...this.data.groups.map((group, index) => new Option(group.name, index)));
    select.addEventListener("change", () => {
      this.group = Number(select.value);
      this.draw();
    });
    label.append(select);
    this.append(label);
  }

  get shown() {
    return this.data.groups?.[this.group] ?? this.data;
  }

  draw() {
    const { labels, unit } = this.data;
    const { series, plan } = this.shown;
    const [ink, soft, line, accent, light, surface] = ["ink", "ink-soft", "line", "accent", "light", "surface"].map(colour);
    const trend = this.dataset.kind === "trend";
    const text = { color: soft, fontSize: 13 };
    const band = this.data.band;
    const all = [...series.flatMap(one => one.values), ...(plan ?? []), ...(band ?? [])].filter(value => value !== null);
    this.chart.setOption({
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      color: [accent, light],
      grid: { left: 8, right: 12, top: trend ? 12 : 34, bottom: 4, containLabel: true },
      legend: { data: [...series.map(one => one.name), { name: "Planned", icon: "path://M0 4h20v3H0z" }], top: 0, left: 0, itemWidth: 16, itemHeight: 10, textStyle: text, show: !trend, selectedMode: false },
      tooltip: { trigger: "axis", backgroundColor: surface, borderColor: line, textStyle: { color: ink }, confine: true, valueFormatter: value => value === null || value === undefined ? "–" : `${number(value)} ${unit}` },
      xAxis: { type: "category", data: labels, axisLabel: text, axisLine: { lineStyle: { color: line } }, axisTick: { show: false } },
      yAxis: {
        type: "value", axisLabel: { ...text, formatter: value => trend ? `${number(value)} ${unit}`.replace(" °", "°") : number(value) },
        splitLine: { lineStyle: { color: line } }, minInterval: this.dataset.kind === "days" ? 1 : undefined,
        min: trend ? Math.floor((Math.min(...all) - 4) / 5) * 5 : 0, max: trend ? Math.ceil((Math.max(...all) + 4) / 5) * 5 : undefined,
      },
      series: [
        ...series.map((one, index) => trend
          ? {
            ...one, data: one.values, type: "line", symbol: "circle", symbolSize: 9, lineStyle: { width: 2.5 },
            markArea: band ? { silent: true, itemStyle: { color: faded(ink, 8) }, data: [[{ yAxis: band[0] }, { yAxis: band[1] }]] } : undefined,
          }
          : { name: one.name, data: one.values, type: "bar", barMaxWidth: 26, itemStyle: { borderRadius: [4, 4, 0, 0], decal: index === 1 ? { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [3, 5], rotation: -Math.PI / 4, color: faded(surface, 45) } : undefined } }),
        ...trend ? [this.errors(accent)] : [],
        ...plan?.some(value => value !== null)
          ? [{ name: "Planned", type: "line", step: "middle", data: plan, symbol: "none", lineStyle: { type: "dashed", width: 2, color: ink }, itemStyle: { color: ink } }] : [],
      ],
    }, { notMerge: true });
    this.chart.getZr().flush();
  }

  /** The 95 % interval of each point. */
  errors(stroke) {
    return {
      type: "custom", silent: true, tooltip: { show: false }, data: this.data.errors.map((error, index) => [index, this.data.series[0].values[index], error]),
      renderItem: (_, api) => {
        const [x, high] = api.coord([api.value(0), api.value(1) + api.value(2)]);
        const [, low] = api.coord([api.value(0), api.value(1) - api.value(2)]);
        const to = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke, lineWidth: 1.5 } });
        return { type: "group", children: [to(x, high, x, low), to(x - 5, high, x + 5, high), to(x - 5, low, x + 5, low)] };
      },
    };
  }

  key(event) {
    const last = this.data.labels.length - 1;
    const next = { ArrowRight: (this.at ?? -1) + 1, ArrowLeft: (this.at ?? last + 1) - 1, Home: 0, End: last }[event.key];
    if (next === undefined || last < 0) return;
    event.preventDefault();
    this.at = Math.min(Math.max(next, 0), last);
    this.chart?.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: this.at });
    const { series, plan } = this.shown;
    const value = (name, values) => values[this.at] === null ? null : `${name} ${number(values[this.at])} ${this.data.unit}`;
    this.said.textContent = [this.data.labels[this.at], ...series.map(one => value(one.name, one.values)), plan ? value("planned", plan) : null].filter(Boolean).join(", ");
  }
}

const defineCharts = () => customElements.define("sensorhub-chart", SensorHubChart);
defineCharts(); // ECharts' script is deferred and stands before this module: it is there, or was not served

for (const list of document.querySelectorAll("[data-ticks]"))
  list.addEventListener("change", async event => {
    const box = event.target;
    const said = document.querySelector(".tick-said");
    try {
      const response = await fetch(list.dataset.ticks, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ exercise: box.value, done: box.checked }),
      });
      if (!response.ok) throw new Error((await response.json()).detail);
      said.textContent = box.checked ? "Kept. Good." : "Taken back.";
    } catch (error) {
      box.checked = !box.checked;
      said.textContent = error instanceof TypeError || !error.message ? "It could not be kept. Try again." : error.message;
    }
  });
