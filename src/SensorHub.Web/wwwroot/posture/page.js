import { Announcer } from "../live/announcer.js";
import { showMessage } from "../live/message.js";
import { follow, hubTrouble, now, staleAfter } from "../live/stream.js";
import { StripChart } from "../live/strip-chart.js";
import { sentence, whole } from "../live/format.js";

const textPeriod = 0.2;     // s between two changes of a number: faster cannot be read
const readyFor = 3;         // s to get into position before a calibration begins
const answerWithin = 8;     // s after a calibration's window in which the hub says what came of it
const remembered = 500;     // cues that are known again when they are delivered again

/** What a cue says here, and for how long it stands, s. */
const cues = {
  slouching: ["Sit up, or stand tall.", 10],
  sitting_long: ["Time for a short walk.", 20],
  clip_moved: ["The clip has moved. Calibrate again.", 10],
  clip_off: ["The clip is not worn.", 10],
  hip_hinge: ["From the hips. Good.", 4],
  mixed_bend: ["More from the hips.", 4],
  lumbar_bend: ["Bend from the hips, keep the back long.", 6],
};
const reminders = ["slouching", "sitting_long"];

/** How a bend was done: verdict, and what to make of it. */
const patterns = {
  hip_hinge: ["Hip hinge", "From the hips, the back long. Good."],
  mixed: ["Hips and back", "A bit more from the hips."],
  lumbar_bend: ["Lower back", "Next time from the hips, keep the back long."],
};

/** The button's step, the command for it, what to do meanwhile. The hub's answer names the same steps. */
const steps = {
  stand: ["calibrate_stand", "Stand upright and still."],
  bends: ["calibrate_bends", "Bend forward slowly and come up, three times."],
  sitting: ["calibrate_sit", "Sit upright and still."],
};

const seconds = time => Date.parse(time) / 1000;
const none = value => value === undefined || value === null;
const degrees = value => `${whole(value)}°`;
const signed = value => `${value >= 0.5 ? "+" : ""}${whole(value)}°`;
const clock = date => date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const keep = (name, value) => { try { localStorage.setItem(`sensorhub.${name}`, value); } catch { /* private window: for this page only */ } };
const kept = name => { try { return localStorage.getItem(`sensorhub.${name}`); } catch { return null; } };

/** Posture now, its calibration, bends and reminders: one event stream in. */
class SensorHubPosture extends HTMLElement {
  connectedCallback() {
    this.$ = selector => this.querySelector(selector);
    this.abort = new AbortController();
    this.announcer = new Announcer(this.$(".announcer"));
    this.chart = new StripChart(this.$(".strip-chart"), () => this.wake());
    this.reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
    this.heardCues = new Set();
    this.bends = new Map();
    this.voice = kept("voice") !== "off";
    this.zero = this.dataset.calibration ? { id: this.dataset.calibration, at: this.dataset.calibratedAt } : null;
    this.listen();
    this.clear();
    this.connect();
    this.showVoice();
    this.showSnooze();
    this.showNotify();
    this.watch = setInterval(() => this.look(), 250);
  }

  disconnectedCallback() {
    this.source.close();
    this.abort.abort();
    clearInterval(this.watch);
    clearInterval(this.counting);
    clearTimeout(this.waiting);
    cancelAnimationFrame(this.frame);
    this.chart.dispose();
  }

  listen() {
    const on = (selector, type, handle) => this.querySelectorAll(selector).forEach(target =>
      target.addEventListener(type, event => handle(event.currentTarget), { signal: this.abort.signal }));
    on("[data-step]", "click", button => this.calibrate(button));
    on("[name=mode]", "change", radio => this.setMode(radio.value));
    on("[data-snooze]", "click", button => this.snooze(Number(button.dataset.snooze)));
    on(".voice", "click", () => {
      this.voice = !this.voice;
      keep("voice", this.voice ? "on" : "off");
      if (!this.voice) window.speechSynthesis?.cancel();
      this.showVoice();
    });
    on(".new-set", "click", () => {
      keep("bends.from", this.setOfBends().at(-1)?.time ?? "");
      this.showBends();
    });
    on(".allow", "click", async () => {
      await Notification.requestPermission();
      this.showNotify();
    });
  }

  // ---- the stream

  connect() {
    follow(this, this.dataset.stream, (type, { messages }) => {
      if (type === "snapshot") this.clear();
      messages.forEach(message => this.take(message, type === "snapshot"));
      if (type === "snapshot") this.look();
    });
  }

  clear() {
    this.posture = this.session = this.hub = null;
    this.fresh = now();
    this.announcer.clear();
    this.chart.clear();
    this.dirty = true;
    this.wake();
  }

  take({ topic, payload }, known) {
    switch (topic.split("/").at(-1)) {
      case "status":
        if (!payload.sensor) this.hub = payload;
        break;
      case "session":
        if (this.session && payload.session !== this.session.session) {
          this.posture = null;
          this.chart.clear();
        }
        this.session = payload;
        if (known) this.showBends();
        break;
      case "posture":
        this.posture = payload;
        this.chart.add({
          t: seconds(payload.time),
          value: payload.lordosis_deg ?? payload.lordosis_change_deg ?? null,
          u: payload.lordosis_u_deg ?? payload.lordosis_change_u_deg ?? 0,
          standing: none(payload.lordosis_change_deg) ? null : none(payload.lordosis_deg) ? 0 : payload.lordosis_deg - payload.lordosis_change_deg,
        }, now(), known);
        if (!known) this.fresh = now();
        break;
      case "cues":
        this.hear(payload);
        break;
      case "events":
        if (payload.type === "bend") this.addBend(payload);
        else if (payload.type === "calibration") this.answer(payload);
        break;
    }
    this.dirty = true;
    this.wake();
  }

  // ---- four times a second: is it all still true?

  get state() {
    return this.posture ? this.session?.event === "ended" ? "ended" : "live" : this.connected ? "empty" : "connecting";
  }

  look() {
    this.dataset.state = this.state;
    const age = now() - this.fresh;
    this.dataset.stale = String(this.state === "live" && age > staleAfter);
    const banner = hubTrouble(this) ?? (this.dataset.stale === "true" ? ["stale", "No data. The numbers below are old."] : null);
    const host = this.$(".banners");
    if (host.textContent !== (banner?.[1] ?? "")) {
      const shown = document.createElement("p");
      shown.className = "banner";
      host.replaceChildren(...banner ? [shown] : []);
      if (banner) [shown.dataset.banner, shown.textContent] = banner;
    }
    this.showCue();
    this.showAge();
    this.showSnooze();
    if (this.state === "live") this.announcer.look(now(), ["phase", this.posture?.phase, sentence(this.posture?.phase)]);
  }

  // ---- cues and reminders

  /** Each once, also when the broker or the stream delivers it again. */
  hear(payload) {
    const { code, level, time } = payload;
    const key = `${time} ${code}`;
    if (this.heardCues.has(key) || !(cues[code] || code === "message")) return;
    this.heardCues.add(key);
    if (this.heardCues.size > remembered) this.heardCues.delete(this.heardCues.values().next().value);
    if (code === "message") {
      showMessage(this, payload);
      return;
    }
    const [text, lasts] = cues[code];
    this.cue = { text, level, until: now() + lasts };
    this.showCue();
    if (reminders.includes(code)) this.remind(key, text, time);
    else if (code.endsWith("_bend") || code === "hip_hinge") this.say(text);
  }

  remind(key, text, time) {
    this.dataset.reminders = String(Number(this.dataset.reminders ?? 0) + 1);
    this.write("reminder.last", `${clock(new Date(time))}. ${text}`, null, time);
    if (window.Notification?.permission === "granted")
      new Notification(text, { tag: key }); // two pages open: the browser shows one of a tag
  }

  showCue() {
    const host = this.$(".cue");
    const cue = this.cue && now() < this.cue.until ? this.cue : null;
    const text = cue?.text ?? "";
    if (host.textContent === text) return;
    host.textContent = text;
    host.dataset.level = cue?.level ?? "none";
  }

  async setMode(mode) {
    const say = text => { this.$(".mode-said").textContent = text; };
    try {
      const response = await this.post(this.dataset.remindersAt, { mode });
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.detail);
      say(answer.detail ?? (answer.kept ? "Kept." : "Done, for now."));
    } catch (error) {
      say(this.reason(error));
    }
  }

  async snooze(duration) {
    const say = text => { this.$(".snooze-said").textContent = text; };
    try {
      await this.command({ command: "snooze", schema: "command/1", duration_s: duration });
      this.quietUntil = Date.now() + duration * 1000;
      keep(`snooze.${this.dataset.subject}`, this.quietUntil);
      this.showSnooze();
    } catch (error) {
      say(this.reason(error));
    }
  }

  showSnooze() {
    this.quietUntil ??= Number(kept(`snooze.${this.dataset.subject}`) ?? 0);
    const host = this.$(".snooze-said");
    const text = this.quietUntil > Date.now() ? `No reminders until ${clock(new Date(this.quietUntil))}.` : "";
    if (text ? host.textContent !== text : host.textContent.startsWith("No reminders until")) host.textContent = text;
  }

  showNotify() {
    const permission = window.Notification?.permission ?? "denied";
    this.$(".allow").hidden = permission !== "default";
    this.$(".notify-said").textContent = { granted: "Your browser shows reminders outside this page too.", default: "", denied: "" }[permission];
  }

  // ---- calibration

  calibrate(button) {
    if (this.calibrating) return;
    const [command, doing] = steps[button.dataset.step];
    const lasts = Number(button.dataset.seconds);
    this.calibrating = button.dataset.step;
    this.setBusy(true);
    this.tellZero(`Get ready. ${doing}`);
    this.count(readyFor, async () => {
      try {
        await this.command({ command, schema: "command/1", duration_s: lasts });
      } catch (error) {
        this.endCalibration(this.reason(error));
        return;
      }
      if (!this.calibrating) return; // the answer was faster
      this.tellZero(`Now. ${doing}`);
      this.count(lasts, () => this.tellZero("Done. What does the hub say?"));
      this.waiting = setTimeout(() => this.endCalibration("The hub has not answered. Is the clip worn and near? Then try again."), (lasts + answerWithin) * 1000);
    });
  }

  /** Counts whole seconds down to nothing, in large digits. */
  count(from, then) {
    clearInterval(this.counting);
    const host = this.$(".countdown");
    const end = now() + from;
    const tick = () => {
      const left = Math.ceil(end - now());
      host.textContent = left > 0 ? String(left) : "";
      host.hidden = left <= 0;
      if (left > 0) return;
      clearInterval(this.counting);
      then();
    };
    this.counting = setInterval(tick, 100);
    tick();
  }

  answer({ step, accepted, reason, calibration, time }) {
    if (calibration) {
      if (this.zero?.id !== calibration) this.zero = { id: calibration, at: time };
    } else {
      this.zero = null;
    }
    if (step === "ended") this.tellZero(reason);
    if (this.calibrating !== step) return;
    this.endCalibration(accepted ? `✓ Accepted. ${reason}`.trim() : `✗ Not accepted. ${reason}`);
    this.$(".zero-said").dataset.accepted = String(accepted);
  }

  endCalibration(text) {
    clearTimeout(this.waiting);
    clearInterval(this.counting);
    this.calibrating = null;
    this.$(".countdown").hidden = true;
    this.setBusy(false);
    this.tellZero(text);
  }

  tellZero(text) {
    const host = this.$(".zero-said");
    delete host.dataset.accepted;
    host.textContent = text;
  }

  setBusy(busy) {
    for (const button of this.querySelectorAll("[data-step]")) button.setAttribute("aria-disabled", String(busy));
  }

  showAge() {
    const at = this.zero?.at ? new Date(this.zero.at) : null;
    let text = "";
    if (at && this.zeroed) {
      const minutes = Math.max(0, Math.floor((Date.now() - at) / 60_000));
      const ago = minutes < 1 ? "just now" : minutes < 60 ? `${minutes} min ago` : minutes < 1440 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min ago` : at.toLocaleDateString();
      text = `at ${clock(at)}, ${ago}`;
    }
    this.write("calibration.age", text, at && this.zeroed ? this.zero.id : null, this.zero?.at);
  }

  // ---- bends

  addBend(bend) {
    this.bends.set(`${bend.time} ${bend.number}`, bend); // delivered again it is the same
    this.showBends();
  }

  /** Of this session, since the last set was ended; also after a reload. */
  setOfBends() {
    const from = kept("bends.from") ?? "";
    return [...this.bends.values()]
      .filter(({ session, time }) => session === (this.session?.session ?? session) && time > from)
      .sort((a, b) => (a.time < b.time ? -1 : 1));
  }

  showBends() {
    const all = this.setOfBends();
    const last = all.at(-1);
    const [verdict, words] = !last ? ["Bend and come up", "Slowly, from the hips, the back long. Each bend is judged when you are up again."]
      : patterns[last.pattern] ?? (last.quality === "not_observable" ? ["Not seen", "Too much of this bend was not seen. Once more, slowly."]
        : ["Not judged", "Calibrate three bends first: then each bend is held against your full one."]);
    this.write("bend.verdict", verdict, last?.pattern, last?.time);
    this.$(".verdict").dataset.pattern = last?.pattern ?? "none";
    this.write("bend.words", words);
    this.$(".bend-numbers").hidden = this.$(".set").hidden = !last;
    const share = bend => none(bend.share_max) ? "–" : `${whole(100 * bend.share_max)} %`;
    const angle = value => none(value) ? "–" : degrees(value);
    this.write("bend.trunk_deg", angle(last?.trunk_deg), last?.trunk_deg, last?.time);
    this.write("bend.pelvis_deg", angle(last?.pelvis_deg), last?.pelvis_deg, last?.time);
    this.write("bend.lumbar_deg", angle(last?.lumbar_deg), last?.lumbar_deg, last?.time);
    this.write("bend.share_max", last ? share(last) : "–", last?.share_max, last?.time);
    this.write("set.count", `${all.length} ${all.length === 1 ? "bend" : "bends"}`, all.length);
    this.write("set.hinges", String(all.filter(bend => bend.pattern === "hip_hinge").length));
    this.$(".set tbody").replaceChildren(...all.map((bend, index) => {
      const row = document.createElement("tr");
      row.dataset.pattern = bend.pattern ?? "none";
      const cells = [String(index + 1), patterns[bend.pattern]?.[0] ?? "not judged", angle(bend.trunk_deg), angle(bend.pelvis_deg), angle(bend.lumbar_deg), share(bend)];
      row.append(...cells.map((text, column) => {
        const cell = document.createElement(column === 0 ? "th" : "td");
        if (column === 0) cell.scope = "row";
        cell.textContent = text;
        return cell;
      }));
      return row;
    }).reverse());
  }

  say(text) {
    if (!this.voice || !window.speechSynthesis) return;
    speechSynthesis.cancel();
    speechSynthesis.speak(new SpeechSynthesisUtterance(text));
  }

  showVoice() {
    const button = this.$(".voice");
    button.setAttribute("aria-pressed", String(this.voice));
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
    if (this.dirty && now() - (this.written ?? 0) >= textPeriod) this.writePosture();
    if (this.dirty || scrolling) this.wake();
  }

  /** Writes a text, with the carried value and its event time beside it. */
  write(field, text, value, time) {
    const target = this.querySelector(`[data-field="${field}"]`);
    if (target.textContent !== text) target.textContent = text;
    if (none(value)) delete target.dataset.value; else target.dataset.value = value;
    if (none(time)) delete target.dataset.time; else target.dataset.time = time;
  }

  writePosture() {
    this.dirty = false;
    this.written = now();
    this.dataset.state = this.state;
    const { posture } = this;
    const time = posture?.time;
    const phase = posture?.phase;
    this.write("posture.phase", !phase || phase === "unknown" ? "Unclear" : sentence(phase), phase, time);
    const use = this.$(".figure use");
    const figure = `#phase-${this.querySelector(`#phase-${phase}`) ? phase : "unknown"}`;
    if (use.getAttribute("href") !== figure) use.setAttribute("href", figure);

    const one = posture?.method === "one-element-change";
    const value = one ? posture.lordosis_change_deg : posture?.lordosis_deg;
    const u = one ? posture.lordosis_change_u_deg : posture?.lordosis_u_deg;
    const change = posture?.lordosis_change_deg;
    this.zeroed = Boolean(posture?.calibration);
    this.write("posture.quantity", one ? "Change of the lower back's arch" : "Arch of the lower back");
    this.write("posture.angle", none(value) ? "–" : one ? signed(value) : degrees(value), value, time);
    this.write("posture.interval", none(value) || none(u) ? "" : one ? `likely ${signed(value - 2 * u)} to ${signed(value + 2 * u)}` : `likely ${degrees(value - 2 * u)} to ${degrees(value + 2 * u)}`, u, time);
    const against = none(change) ? "" : Math.round(change) === 0 ? "as in standing" : `${degrees(Math.abs(change))} ${change < 0 ? "flatter" : "more"} than standing`;
    this.write("posture.words",
      !posture ? "" : !this.zeroed ? "Calibrate standing to see the change."
        : one ? none(value) ? "Not to be seen in this position." : `${change < -0.5 ? "Flatter than when calibrated." : change > 0.5 ? "More arched than when calibrated." : "As calibrated."} One element: assumes the chest is upright.`
          : none(value) ? "Not to be seen in this position." : against, change, time);
    this.write("calibration.state", !posture ? "Not known yet" : this.zeroed ? "Calibrated" : "Not calibrated", posture?.calibration, time);
    if (this.zeroed && this.zero?.id !== posture.calibration)
      this.zero = { id: posture.calibration, at: this.timeOf(posture.calibration) };
    this.showAge();
  }

  /** A calibration's name is its time in Unix milliseconds, in base 16. */
  timeOf(id) {
    const at = /^[0-9a-f]{11}$/.test(id) ? Number.parseInt(id, 16) : NaN;
    return Number.isNaN(at) ? null : new Date(at).toISOString();
  }

  // ---- asking the server

  post(path, body) {
    return fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal: this.abort.signal });
  }

  async command(body) {
    const response = await this.post("live/command", body);
    if (!response.ok) throw new Error((await response.json()).detail);
  }

  reason(error) {
    return error instanceof TypeError || !error.message ? "The hub does not answer. Try again." : error.message;
  }
}

customElements.define("sensorhub-posture", SensorHubPosture);
