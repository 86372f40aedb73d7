import { Gauge } from "../live/gauge.js";
import { duration, sentence, whole, words } from "../live/format.js";
import { cueText } from "./cues.js";

export const staleAfter = 1; // s without anything of the person
const cueLasts = 12;         // s
const none = value => value === undefined || value === null;
const told = name => !none(name) && name !== "none" && name !== "";

/** One person in a board's stream: what is known of them, and the elements that show it. Texts are set as text, never as markup. */
export class Tile {
  /** @param host Has the fields of BoardTile.razor. */
  constructor(host, subject) {
    this.host = host;
    this.subject = subject;
    this.fields = {};
    for (const field of host.querySelectorAll("[data-field]")) this.fields[field.dataset.field] = field;
    this.gauge = new Gauge(host.querySelector(".pressure"));
    this.sensors = new Map();
    this.alerts = [];
    this.heard = -Infinity;
    this.drawn = 0; // frames, for measuring
    host.dataset.subject = subject;
  }

  take({ alias, silent_s, alerts, messages }, now) {
    this.alias = alias;
    this.alerts = alerts;
    this.heard = Math.max(this.heard, now - silent_s);
    for (const { topic, payload } of messages) this.hear(topic.split("/").at(-1), payload, now);
    this.dirty = true;
  }

  hear(kind, payload, now) {
    switch (kind) {
      case "status":
        if (payload.sensor) this.sensors.set(payload.sensor, payload);
        else this.hub = payload;
        break;
      case "session":
        if (this.session && this.session.session !== payload.session) this.rolling = this.posture = this.dose = this.step = this.cue = null;
        if (payload.event === "ended" && this.session?.event !== "ended") this.endedAt = now;
        this.session = payload;
        break;
      case "rolling": this.rolling = payload; break;
      case "posture": this.posture = payload; break;
      case "cues": this.cue = { payload, until: now + cueLasts }; break;
      case "events":
        if (payload.type === "dose") this.dose = payload;
        if (payload.type === "protocol") this.step = payload;
        break;
    }
  }

  /** Shown: somebody whose session is on, or has just ended. */
  isLive(now) {
    return !!this.session && (this.session.event !== "ended" || now - this.endedAt < 30) && now - this.heard < 900;
  }

  age(now) { return now - this.heard; }

  /** Once a second, too: what grows old does so without news. */
  look(now) {
    const stale = this.age(now) > staleAfter && this.session?.event !== "ended";
    this.host.dataset.stale = String(stale);
    this.write("stale", stale ? `No data for ${duration(Math.max(1, this.age(now)))}` : "");
    if (this.cue && now > this.cue.until) {
      this.cue = null;
      this.dirty = true;
    }
  }

  draw() {
    this.dirty = false;
    this.drawn++;
    const { session, rolling, posture, step, dose } = this;
    this.write("alias", this.alias);
    this.write("alerts", this.alerts.map(alert => alert.text).join(" · "));
    this.host.dataset.alert = this.alerts[0]?.kind ?? "";
    const phase = session?.phase ?? posture?.phase;
    this.write("phase", session?.event === "ended" ? "Finished" : told(phase) && phase !== "unknown" ? sentence(phase) : "Unclear", phase, session?.time);
    const carrier = session ?? rolling;
    this.write("muscle", told(carrier?.muscle) ? sentence(carrier.muscle) + (told(carrier.side) ? `, ${words(carrier.side)}` : "") : "", carrier?.muscle, carrier?.time);
    this.write("step", step && step.session === session?.session && step.result !== "over" ? sentence(step.step) + (step.of > 1 ? ` ${step.number} of ${step.of}` : "") : "");
    const set = rolling?.set_contact_s;
    const planned = dose && dose.muscle === rolling?.muscle && dose.side === rolling?.side && dose.planned_sets > 0 ? dose.planned_s / dose.planned_sets : null;
    this.write("set", none(set) ? "–" : duration(set) + (planned ? ` / ${duration(planned)}` : ""), set, rolling?.time);
    this.write("duration", none(session?.duration_s) ? "–" : duration(session.duration_s), session?.duration_s, session?.time);
    this.write("pain", none(session?.pain_nrs) ? "–" : `${+session.pain_nrs.toFixed(1)}` + (!none(session.pain_start_nrs) && session.pain_start_nrs !== session.pain_nrs ? ` (${+session.pain_start_nrs.toFixed(1)})` : ""), session?.pain_nrs, session?.time);
    this.write("cue", this.cue ? cueText(this.cue.payload) : "");
    this.drawRolling(rolling);
    this.drawLink();
  }

  drawRolling(rolling) {
    const inWeight = !none(rolling?.band_low_pct);
    const value = (inWeight ? rolling?.contact ? rolling.body_weight_pct : null : rolling?.pressure_kpa) ?? null;
    const u = (inWeight ? rolling?.body_weight_u_pct : rolling?.pressure_u_kpa) ?? null;
    const [low, high] = (inWeight ? [rolling?.band_low_pct, rolling?.band_high_pct] : [rolling?.band_low_kpa, rolling?.band_high_kpa]).map(end => end ?? null);
    const band = rolling?.contact ? words(rolling.band ?? "none").replace(" ", "") : "none";
    this.gauge.draw({ value, u, low, high, band, top: inWeight ? 60 : 80 });
    this.write("band", !rolling ? "No roller" : !rolling.contact ? "No contact" : band === "none" ? "In contact" : sentence(rolling.band), rolling?.band, rolling?.time);
    const text = !rolling?.contact ? "" : !none(rolling.body_weight_pct) ? `${whole(rolling.body_weight_pct)} % of weight` : !none(rolling.pressure_kpa) ? `≈ ${whole(rolling.pressure_kpa)} kPa` : "";
    this.write("load", text, rolling?.contact ? rolling.body_weight_pct ?? rolling.pressure_kpa : null, rolling?.time);
  }

  drawLink() {
    const links = [...this.sensors.values()];
    const bad = links.find(s => s.link !== "streaming");
    const low = links.find(s => s.battery_pct < 15);
    const degraded = [this.rolling, this.posture].some(e => e?.quality && e.quality !== "good");
    const [mood, text] = this.hub && !this.hub.online ? ["bad", "Hub offline"]
      : bad ? ["bad", `${sentence(bad.kind)} ${words(bad.link)}`]
      : low ? ["busy", `${sentence(low.kind)} battery low`]
      : degraded ? ["busy", "Uncertain"]
      : ["good", "Good"];
    this.host.dataset.link = mood;
    this.write("link", text);
  }

  /** Writes a text, with the carried value and its event time beside it. */
  write(field, text, value, time) {
    const target = this.fields[field];
    if (!target) return;
    if (target.textContent !== text) target.textContent = text;
    if (none(value)) {
      delete target.dataset.value;
      delete target.dataset.time;
    } else {
      target.dataset.value = value;
      target.dataset.time = time;
    }
  }
}
