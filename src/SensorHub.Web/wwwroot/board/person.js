import { StripChart } from "../live/strip-chart.js";
import { whole } from "../live/format.js";
import { PlanForm } from "./plan.js";
import { Tile } from "./tile.js";
import { cueText } from "./cues.js";
import { follow, isSilent, now } from "../live/stream.js";

const none = value => value === undefined || value === null;
const clock = time => new Date(time).toLocaleTimeString("en-GB");

/** One person's page: their live session from the same stream as their own page has, and what a therapist does about it. */
export class CarePerson extends HTMLElement {
  connectedCallback() {
    this.$ = selector => this.querySelector(selector);
    this.subject = this.dataset.subject;
    this.tile = new Tile(this.$(".care-live"), this.subject);
    this.reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
    this.chart = new StripChart(this.$(".strip-chart"), () => this.wake());
    this.plan = new PlanForm(this.$("form.plan"), this.$(".plan-item-template"), (what, body) => this.post(what, body));
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.$(".ready").addEventListener("click", event => {
      const { say, level } = event.target.dataset;
      if (say) this.say(say, level);
    }, { signal });
    this.$("form.say").addEventListener("submit", async event => {
      event.preventDefault();
      const field = event.target.elements.text;
      if (await this.say(field.value.trim(), "caution")) field.value = "";
    }, { signal });
    this.$("form.note").addEventListener("submit", event => this.note(event), { signal });
    document.addEventListener("visibilitychange", () => this.beat(), { signal });
    this.connect();
    this.watch = setInterval(() => this.look(), 250);
    this.beats = setInterval(() => this.beat(), Number(this.dataset.beat) * 1000);
    this.beat();
  }

  disconnectedCallback() {
    this.source.close();
    this.abort.abort();
    clearInterval(this.watch);
    clearInterval(this.beats);
    cancelAnimationFrame(this.frame);
    this.chart.dispose();
  }

  connect() {
    follow(this, `live/stream?subject=${encodeURIComponent(this.subject)}`, (type, data) => {
      const known = type === "snapshot";
      if (type === "snapshot") this.chart.clear();
      const personal = data.messages.filter(({ topic }) => topic.includes(`/subjects/${this.subject}/`));
      const silent = personal.length > 0 && !known ? 0 : Infinity;
      this.tile.take({ alias: this.dataset.alias, alerts: [], silent_s: silent, messages: data.messages }, now());
      for (const { topic, payload } of personal) this.take(topic.split("/").at(-1), payload, known);
      this.wake();
    });
  }

  take(kind, payload, known) {
    if (kind === "posture") {
      const { lordosis_deg: angle, lordosis_change_deg: change } = payload;
      this.chart.add({
        t: Date.parse(payload.time) / 1000,
        value: angle ?? change ?? null,
        u: payload.lordosis_u_deg ?? payload.lordosis_change_u_deg ?? 0,
        standing: none(change) ? null : none(angle) ? 0 : angle - change,
      }, now(), known);
      this.angle = none(angle) ? none(change) ? "" : `${whole(change)}° from standing` : `${whole(angle)}°`;
    } else if (kind === "cues") {
      this.log(this.$(".cues"), payload.time, cueText(payload), payload.level);
    }
  }

  log(list, time, text, kind) {
    const row = document.createElement("li");
    const at = document.createElement("time");
    at.dateTime = time;
    at.textContent = clock(time);
    const said = document.createElement("span");
    said.textContent = text; // as text: somebody typed it
    row.dataset.level = kind;
    row.append(at, said);
    list.prepend(row);
    while (list.children.length > 60) list.lastElementChild.remove();
  }

  wake() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.tile.dirty) this.tile.draw();
      const scrolling = this.tile.session?.event !== "ended" && this.chart.alive;
      if (scrolling || this.chart.redraw) this.chart.draw(now(), this.reducedMotion.matches);
      if (scrolling) this.wake();
    });
  }

  look() {
    this.tile.look(now());
    if (this.tile.dirty) this.wake();
    const text = this.angle ?? "";
    if (this.$(".chart-now").textContent !== text) this.$(".chart-now").textContent = text;
    this.dataset.state = this.tile.session ? this.tile.session.event === "ended" ? "ended" : "live" : this.connected ? "empty" : "connecting";
    const banner = isSilent(this) ? "The server does not answer. This page keeps trying." : this.brokerTrouble ?? "";
    const host = this.$(".banners");
    if (host.textContent !== banner) {
      host.replaceChildren();
      if (banner) {
        const line = document.createElement("p");
        line.className = "banner";
        line.textContent = banner;
        host.append(line);
      }
    }
  }

  /** @returns Why it failed; null when it did not. */
  async post(what, body) {
    try {
      const response = await fetch(`board/${encodeURIComponent(this.subject)}/${what}`, {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal: this.abort.signal,
      });
      if (response.ok) return null;
      const problem = await response.json().catch(() => ({}));
      return problem.detail ?? (response.status === 403 ? "They have ended your permission." : "It could not be done. Try again.");
    } catch {
      return "The server does not answer. Try again.";
    }
  }

  async say(text, level) {
    if (!text) return false;
    const failed = await this.post("say", { text, level });
    const told = this.$("form.say + .said");
    told.dataset.outcome = failed ? "failed" : "done";
    told.textContent = failed ?? `Sent: ${text}`;
    return !failed;
  }

  async note(event) {
    event.preventDefault();
    const kind = event.submitter?.value ?? "note";
    const field = event.target.elements.text;
    const text = field.value.trim() || (kind === "marker" ? "Marked" : "");
    const session = this.tile.session && this.tile.session.event !== "ended" ? this.tile.session.session : null;
    const failed = text ? await this.post("notes", { kind, text, session }) : "Write something first.";
    const told = this.$(".note-said");
    told.dataset.outcome = failed ? "failed" : "done";
    told.textContent = failed ?? "Kept.";
    if (failed) return;
    field.value = "";
    this.log(this.$(".notes"), new Date().toISOString(), kind === "marker" ? `Marker: ${text}` : text, kind);
  }

  /** Open and in front: the server counts from beat to beat. */
  beat() {
    if (document.visibilityState === "visible") this.post("time", {});
  }
}
