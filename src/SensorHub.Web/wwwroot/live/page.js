import { Announcer } from "./announcer.js";
import { Gauge } from "./gauge.js";
import { StripChart } from "./strip-chart.js";
import { bandOf, bandWord, drawGauge, showRolling } from "./rolling.js";
import { brief, duration, sentence, whole, words } from "./format.js";
import { showMessage } from "./message.js";
import { follow, hubTrouble, now, staleAfter, withLost } from "./stream.js";

const textPeriod = 0.2;     // s between two changes of a number: faster cannot be read
const textPatience = 0.3;   // s after which they change without news of the roller: with it they are fresh

/** What a cue says, and for how long it stands, s. */
export const cues = {
  hip_hinge: "From the hips. Good.",
  mixed_bend: "Hips and back together. More from the hips.",
  lumbar_bend: "Bend from the hips, keep the back long.",
  slouching: "Reminder: sit up or stand tall.",
  sitting_long: "Time for a short walk.",
  over_force: "Ease off: less weight on the roller.",
  over_pressure: "Ease off: less weight on the roller.",
  long_hold: "Long enough here. Roll on slowly.",
  forbidden_site: "Not on this place. Move off.",
  pain: "Stop rolling.",
  clip_moved: "The clip has moved. Calibrate again.",
  clip_off: "The clip is not worn.",
  set_done: "Set done. Rest.",
};
export const cueLasts = { info: 4, remind: 8, warn: 8, stop: 30 };
export const gravity = level => Object.keys(cueLasts).indexOf(level);

const seconds = time => Date.parse(time) / 1000;
const none = value => value === undefined || value === null;

/** "roller-1" is "Roller 1". */
export const nameOf = sensor =>
  `${sentence(sensor.kind)} ${sensor.sensor.startsWith(sensor.kind) ? sensor.sensor.slice(sensor.kind.length).replace(/^-/, "") : sensor.sensor}`.trim();

/** The live page: one event stream in, numbers, gauge and chart out. Begins when it enters the document, ends when it leaves. */
class SensorHubLive extends HTMLElement {
  connectedCallback() {
    this.$ = selector => this.querySelector(selector);
    this.announcer = new Announcer(this.$(".announcer"));
    this.gauge = new Gauge(this.$(".pressure"));
    this.chart = new StripChart(this.$(".strip-chart"), () => this.wake());
    this.reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
    this.abort = new AbortController();
    this.$(".calibrate").addEventListener("submit", event => this.calibrate(event), { signal: this.abort.signal });
    this.clear();
    this.connect();
    this.watch = setInterval(() => this.look(), 250);
  }

  disconnectedCallback() {
    this.source.close();
    this.abort.abort();
    clearInterval(this.watch);
    cancelAnimationFrame(this.frame);
    this.chart.dispose();
  }

  // ---- the stream

  connect() {
    follow(this, this.dataset.stream, (type, { messages, dropped }) => {
      this.dropped = dropped;
      if (type === "snapshot") this.clear();
      messages.forEach(message => this.take(message, type === "snapshot"));
      if (type === "snapshot") this.look();
    });
  }

  clear() {
    this.session = this.posture = this.rolling = this.hub = null;
    this.sensors = new Map();
    this.fresh = now();
    this.announcer.clear();
    this.chart.clear();
    drawGauge(this.gauged = null, this.gauge);
    this.$(".sensor-list").replaceChildren();
    this.dirty = true;
    this.wake();
  }

  take({ topic, payload }, known) {
    switch (topic.split("/").at(-1)) {
      case "status":
        if (payload.sensor) this.sensors.set(payload.sensor, withLost(payload, this.sensors.get(payload.sensor)));
        else this.hub = payload;
        break;
      case "session":
        if (payload.session !== this.session?.session && this.session) this.begin();
        this.session = payload;
        break;
      case "posture":
        this.posture = payload;
        this.chart.add({
          t: seconds(payload.time),
          value: payload.lordosis_deg ?? payload.lordosis_change_deg ?? null,
          u: payload.lordosis_u_deg ?? payload.lordosis_change_u_deg ?? 0,
          standing: this.standing(payload),
        }, now(), known);
        if (!known) this.fresh = now();
        break;
      case "cues":
        if (payload.code === "message") showMessage(this, payload);
        else this.hear(payload);
        break;
      case "events":
        if (this.calibrating && payload.type === "calibration" && payload.step === "stand") this.endCalibration(payload.reason || "Calibrated.");
        break;
      case "rolling":
        this.rolling = payload;
        this.news = true;
        if (!known) this.fresh = now();
        break;
    }
    this.dirty = true;
    this.wake();
  }

  begin() {
    this.posture = this.rolling = null;
    this.chart.clear();
  }

  /** Where the chart's angle was in the calibrated standing. */
  standing({ lordosis_deg: angle, lordosis_change_deg: change }) {
    if (none(change)) return null;
    return none(angle) ? 0 : angle - change;
  }

  // ---- four times a second: is it all still true?

  get state() {
    if (this.session?.event === "ended") return "ended";
    return this.session || this.posture || this.rolling ? "live" : this.connected ? "empty" : "connecting";
  }

  look() {
    this.dataset.state = this.state;
    const banners = [];
    const age = now() - this.fresh;
    this.dataset.stale = String(this.state === "live" && age > staleAfter);
    const trouble = hubTrouble(this);
    if (trouble)
      banners.push(trouble);
    else if (this.dataset.stale === "true")
      banners.push(["stale", "No data. The numbers below are old.", age]);
    if (this.state !== "ended")
      for (const sensor of this.sensors.values())
        if (sensor.lost)
          banners.push(["lost", `${nameOf(sensor)} lost its link. Bring it closer or check its battery; the hub keeps trying.`]);
    this.showBanners(banners);
    this.showCue();
    if (this.state === "live")
      this.announcer.look(now(),
        ["phase", this.phase(), sentence(this.phase())],
        ["band", this.rolling && bandOf(this.rolling), `Pressure: ${bandWord(this.rolling).toLowerCase()}`]);
  }

  /** One at a time: the newest, unless a graver one still stands. */
  hear({ code, level }) {
    if (this.cue && now() < this.cue.until && gravity(this.cue.level) > gravity(level)) return;
    this.cue = { text: cues[code] ?? sentence(code), level, until: now() + (cueLasts[level] ?? 8) };
    this.showCue();
  }

  showCue() {
    const host = this.$(".cue");
    const cue = this.cue && now() < this.cue.until ? this.cue : null;
    const text = cue?.text ?? "";
    if (host.textContent === text) return;
    host.textContent = text;
    host.dataset.level = cue?.level ?? "none";
  }

  showBanners(banners) {
    const host = this.$(".banners");
    const key = banners.map(([kind, text]) => kind + text).join();
    if (host.dataset.key !== key) {
      host.dataset.key = key;
      host.replaceChildren(...banners.map(([kind, text, age]) => {
        const banner = document.createElement("p");
        banner.className = "banner";
        banner.dataset.banner = kind;
        banner.textContent = text;
        if (age !== undefined) {
          const clock = document.createElement("span");
          clock.className = "banner-age";
          clock.setAttribute("aria-hidden", "true"); // or it would be read out each second
          banner.append(clock);
        }
        return banner;
      }));
    }
    for (const [, , age] of banners)
      if (age !== undefined) this.$(".banner-age").textContent = `${Math.floor(age)} s`;
  }

  // ---- drawing

  /** Frames are asked for only while something is to be drawn. */
  wake() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const scrolling = this.state !== "ended" && this.chart.alive;
    if (scrolling || this.chart.redraw) this.chart.draw(now(), this.reducedMotion.matches);
    if (this.rolling !== this.gauged) drawGauge(this.gauged = this.rolling, this.gauge);
    if (this.dirty && now() - (this.written ?? 0) >= (this.news ? textPeriod : textPatience)) this.writeAll();
    this.news = false;
    if (this.dirty || scrolling) this.wake();
  }

  writeAll() {
    this.dirty = false;
    this.written = now();
    this.dataset.state = this.state;
    this.writeSession();
    this.writeRolling();
    this.writePosture();
    this.writeSensors();
  }

  /** Writes a text, with the carried value and its event time beside it. */
  write(field, text, value, time, within = this) {
    const target = within.querySelector(`[data-field="${field}"]`);
    if (target.textContent !== text) target.textContent = text;
    if (none(value)) {
      delete target.dataset.value;
      delete target.dataset.time;
    } else {
      target.dataset.value = value;
      target.dataset.time = time;
    }
  }

  phase() {
    return this.session?.phase ?? this.posture?.phase ?? null;
  }

  writeSession() {
    const { session, posture, rolling } = this;
    const source = session ?? posture;
    const phase = this.phase();
    this.write("session.phase", session?.event === "ended" ? "Finished" : !phase || phase === "unknown" ? "Unclear" : sentence(phase), phase, source?.time);
    const figure = `#phase-${this.querySelector(`#phase-${phase}`) ? phase : "unknown"}`;
    const use = this.$(".figure use");
    if (use.getAttribute("href") !== figure) use.setAttribute("href", figure);
    const carrier = session ?? rolling;
    const told = name => name && name !== "none";
    this.write("session.muscle", told(carrier?.muscle) ? sentence(carrier.muscle) : "", carrier?.muscle, carrier?.time);
    this.write("session.side", told(carrier?.muscle) && told(carrier.side) ? `, ${words(carrier.side)}` : "", carrier?.side, carrier?.time);
    this.write("session.duration_s", none(session?.duration_s) ? "0:00" : duration(session.duration_s), session?.duration_s, session?.time);
    this.write("session.event", !session ? "No session" : session.event === "ended" ? "Session ended" : "Session", session?.event, session?.time);
  }

  writeRolling() {
    const { rolling } = this;
    const time = rolling?.time;
    showRolling(rolling, (...field) => this.write(...field), this.$(".tempo-rail"));
    this.write("rolling.in_band_s", rolling ? duration(rolling.in_band_s) : "–", rolling?.in_band_s, time);
    this.write("rolling.contact_s", rolling ? duration(rolling.contact_s) : "0:00", rolling?.contact_s, time);
    this.$(".band-rail").style.setProperty("--at", rolling?.contact_s > 0 ? `${rolling.in_band_s / rolling.contact_s * 100}%` : "0%");
  }

  writePosture() {
    const { posture } = this;
    const time = posture?.time;
    const angle = posture?.lordosis_deg;
    const change = posture?.lordosis_change_deg;
    this.write("posture.lordosis_deg", none(angle) ? "–" : `${whole(angle)}°`, angle, time);
    const text = none(change) ? posture ? "standing not calibrated" : "" :
      Math.round(change) === 0 ? "as in standing" : `${whole(Math.abs(change))}° ${change < 0 ? "flatter" : "more"} than standing`;
    this.write("posture.lordosis_change_deg", text, change, time);
    if (this.calibrating && posture?.calibration && posture.calibration !== this.calibrating.from)
      this.endCalibration("Calibrated.");
  }

  writeSensors() {
    const list = this.$(".sensor-list");
    for (const sensor of [...this.sensors.values()].sort((a, b) => a.sensor < b.sensor ? -1 : 1)) {
      let row = list.querySelector(`[data-sensor="${CSS.escape(sensor.sensor)}"]`);
      if (!row) {
        row = this.$(".sensor-template").content.firstElementChild.cloneNode(true);
        row.dataset.sensor = sensor.sensor;
        list.append(row);
      }
      const write = (field, text, value) => this.write(`sensor.${field}`, text, value, sensor.time, row);
      row.dataset.link = sensor.link;
      write("name", nameOf(sensor), sensor.sensor);
      write("link", sentence(sensor.link), sensor.link);
      write("battery_pct", none(sensor.battery_pct) ? "–" : `${whole(sensor.battery_pct)} %`, sensor.battery_pct);
      row.dataset.battery = none(sensor.battery_pct) ? "unknown" : sensor.battery_pct < 15 ? "low" : "good";
      write("loss_pct", `${brief(sensor.loss_pct)} %`, sensor.loss_pct);
      write("rate_hz", `${whole(sensor.rate_hz)} Hz`, sensor.rate_hz);
      write("clock_u_ms", none(sensor.clock_u_ms) ? "–" : `± ${brief(sensor.clock_u_ms)} ms`, sensor.clock_u_ms);
    }
    this.$(".sensors-none").hidden = this.sensors.size > 0;
  }

  // ---- calibration

  async calibrate(event) {
    event.preventDefault();
    if (this.calibrating) return;
    this.calibrating = { from: this.posture?.calibration ?? null };
    this.tell("Asking the hub…");
    try {
      const response = await fetch(this.dataset.calibrate, { method: "POST", signal: this.abort.signal });
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.detail);
      this.tell(`Stand upright and still for ${whole(answer.duration_s)} s.`);
      this.calibrating.timeout = setTimeout(() => this.endCalibration("Not calibrated: stand still and try again."), (answer.duration_s + 5) * 1000);
    } catch (error) {
      this.endCalibration(error instanceof TypeError || !error.message ? "The hub does not answer. Try again." : error.message);
    }
  }

  endCalibration(text) {
    clearTimeout(this.calibrating?.timeout);
    this.calibrating = null;
    this.tell(text);
  }

  tell(text) {
    this.$(".calibrate-status").textContent = text;
  }
}

customElements.define("sensorhub-live", SensorHubLive);
