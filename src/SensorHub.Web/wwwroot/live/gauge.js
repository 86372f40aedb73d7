const sweep = 220; // degrees, as in PressureGauge.razor

/** Pressure, or force in % of body weight, against its target: a dash-array arc for the value, one for its interval, one for the target. */
export class Gauge {
  constructor(section) {
    this.section = section;
    this.value = section.querySelector(".gauge-value");
    this.interval = section.querySelector(".gauge-interval");
    this.target = section.querySelector(".gauge-target");
    this.needle = section.querySelector(".gauge-needle");
    this.labels = section.querySelector(".gauge-labels");
    this.draw({ value: null, u: null, low: null, high: null, band: "none" });
  }

  /** @param reading {value, u, low, high}: kPa or %, or null; band: none, toolight, good, toohard; top: the scale reaches it at least. */
  draw({ value, u, low, high, band, top: least = 80 }) {
    this.section.dataset.band = band;
    const top = Math.max(least, high === null ? 0 : Math.ceil(high * 1.6 / 10) * 10);
    const percent = kpa => Math.min(Math.max(kpa / top, 0), 1) * 100;
    const arc = (path, from, to) => path.setAttribute("stroke-dasharray", to > from ? `0 ${from} ${to - from} 200` : "0 200");
    arc(this.value, 0, value === null ? 0 : percent(value));
    arc(this.interval, ...(value === null || u === null ? [0, 0] : [percent(value - 2 * u), percent(value + 2 * u)]));
    arc(this.target, ...(low === null || high === null ? [0, 0] : [percent(low), percent(high)]));
    this.needle.setAttribute("visibility", value === null ? "hidden" : "visible");
    this.needle.style.transform = `rotate(${((percent(value ?? 0) / 100 - 0.5) * sweep).toFixed(1)}deg)`;
    this.label(top, low, high);
  }

  label(top, low, high) {
    const key = `${top} ${low} ${high}`;
    if (this.labels.dataset.key === key) return;
    this.labels.dataset.key = key;
    this.labels.replaceChildren();
    for (const [kpa, kind] of [[0, "end"], [low, "limit"], [high, "limit"], [top, "end"]]) {
      if (kpa === null) continue;
      const angle = (kpa / top * sweep - 90 - sweep / 2) * Math.PI / 180;
      const radius = kind === "limit" ? 206 : 112;
      const text = document.createElementNS("http://www.w3.org/2000/svg", "text");
      text.setAttribute("x", (200 + radius * Math.cos(angle)).toFixed(1));
      text.setAttribute("y", (208 + radius * Math.sin(angle)).toFixed(1));
      text.setAttribute("class", kind);
      text.textContent = Math.round(kpa);
      this.labels.append(text);
    }
  }
}
