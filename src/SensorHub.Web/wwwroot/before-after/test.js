import { duration, whole } from "../live/format.js";
import { Follower, nameOf, none } from "../live/follower.js";
import { speech } from "../live/speech.js";

const stand = 10; // s of standing still that calibrate

const titles = {
  attach: "Put the clip on", settle: "Walk about", stand: "Stand still", sit_upright: "Sit upright", sit_slumped: "Slump", bend: "Bend forward slowly",
  pain: "How much does it hurt?", rolling: "Roll", wait: "Rest", straight_leg_raise: "Raise the straight leg", knee_extension: "Extend the knee", finished: "Done",
};
const runs = { before: "Before rolling", after_two_minutes: "After rolling, first time", after_ten_minutes: "After rolling, second time" };
const order = Object.keys(runs);
const oneWord = { stand: "stand", bend: "bend", straight_leg_raise: "raise", knee_extension: "extension" };

/** Why a step is asked for again; most advice says so itself. */
const again = ({ advice }) => /once more/i.test(advice ?? "") ? advice : `Once more. ${advice ?? ""}`;

/** Leads through the protocol: says what the hub says, and marks each step as it begins, so that the recording knows what was meant. */
class SensorHubTest extends Follower {
  prepare() {
    this.state = this.result = null;
    this.on(".begin", "click", () => this.begin(false));
    this.on(".begin-worn", "click", () => this.begin(true));
    this.on(".attached", "click", () => this.attach());
    this.on(".rolled", "click", () => this.step({ run: "after_two_minutes", step: "wait", side: "none" }));
    this.on(".repeat", "click", () => this.state && this.step(this.state));
    this.on(".levels [data-pain]", "click", event => this.send({ command: "report_pain", level: Number(event.currentTarget.dataset.pain), character: "pressure" }));
    this.on(".refresh", "click", () => this.showOutcome());
    this.showOutcome();
  }

  began(subject) {
    if (this.subject && subject !== this.subject) this.state = this.result = null;
    this.subject = subject;
  }

  // ---- what the stream says

  take(kind, payload) {
    if (kind === "events" && payload.type === "calibration") this.hearCalibration(payload);
    if (kind !== "events" || payload.type !== "protocol") return;
    if (this.session && payload.session && payload.session !== this.session.session) return; // of the session before
    const last = this.state;
    if (payload.result !== "running") this.result = payload; // stands until the next step has begun, or is done again
    this.state = payload;
    const isNew = !last || last.step !== payload.step || last.run !== payload.run || last.side !== payload.side || last.number !== payload.number;
    if (isNew) this.total = payload.left_s ?? null;
    if (!none(payload.left_s)) this.total = Math.max(this.total ?? 0, payload.left_s);
    if (payload.result === "done") {
      speech.say("Good.");
      navigator.vibrate?.([80]);
    } else if (payload.result === "repeat") {
      speech.say(again(payload));
      navigator.vibrate?.([250, 100, 250]);
    } else if (isNew) {
      this.mark(payload);
      speech.say(payload.number > 1 ? `${payload.number} of ${payload.of}.` : `${titles[payload.step]}. ${payload.instruction}`);
      if (payload.step === "finished" || payload.step === "wait" && payload.run === "after_ten_minutes") this.showOutcome();
      if (payload.step === "pain") queueMicrotask(() => this.look());
    }
  }

  /** Each step is marked once, as it begins, whichever page saw it. */
  mark({ run, step, side, session }) {
    const name = `${session ?? ""}/${run}/${step}/${side}`;
    if (this.lastMarked() === name) return;
    this.step({ run, step, side, session });
    if (step === "stand" && run === "before" && !this.posture?.calibration) this.calibrate();
  }

  lastMarked() {
    try { return localStorage.getItem("sensorhub.step"); } catch { return this.marked; }
  }

  step({ run, step, side, session }) {
    this.marked = `${session ?? this.session?.session ?? ""}/${run}/${step}/${side}`;
    try { localStorage.setItem("sensorhub.step", this.marked); } catch { /* for this page only */ }
    return this.send({ command: "begin_step", run, step, side });
  }

  hearCalibration({ step, accepted, reason }) {
    if (!this.calibrating || step !== "stand") return;
    this.calibrating = false;
    if (accepted) this.step({ run: "before", step: "stand", side: "none" });
    else this.tell(`Not calibrated: ${reason}`);
  }

  // ---- what the person wants

  /** @param worn The clip is on and calibrated: begin with the first stand. */
  async begin(worn) {
    const leg = this.$("#leg-test").value;
    // The hub ends the protocol with the leg that it was begun with.
    if (leg && !await this.step({ run: "after_ten_minutes", step: leg, side: "left" })) return;
    await this.step({ run: "before", step: worn ? "stand" : "attach", side: "none" });
    if (worn && !this.posture?.calibration) await this.calibrate();
  }

  attach() {
    return this.send({ command: "attach_clip", attachment: `test-${Date.now().toString(36)}` });
  }

  async calibrate() {
    this.calibrating = await this.send({ command: "calibrate_stand", duration_s: stand });
  }

  async showOutcome() {
    const panel = this.$(".outcome-panel");
    const asked = this.asked = (this.asked ?? 0) + 1;
    panel.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(this.dataset.outcome, { signal: this.abort.signal });
      if (asked !== this.asked) return;
      if (response.ok) panel.innerHTML = await response.text(); // a piece of page, encoded by the server
      else panel.textContent = (await response.json().catch(() => null))?.detail ?? "The outcome cannot be read now. Look again later.";
    } catch {
      if (!this.abort.signal.aborted) panel.textContent = "The outcome cannot be read now. Look again later.";
    } finally {
      panel.removeAttribute("aria-busy");
    }
  }

  // ---- the page

  ownBanners() {
    const clip = this.lostOf("clip");
    if (clip) return [["lost", `${nameOf(clip)} lost its link. Bring it closer or check its battery; it goes on by itself.`]];
    if (this.connected && !this.posture) return [["no-clip", "No clip heard yet. Switch it on and keep it near; this page goes on by itself."]];
    if (this.posture && !this.comes("posture") && this.connected && this.session?.event !== "ended") return [["stale", `No data from ${nameOf({ kind: "clip", sensor: this.posture.sensor })}.`]];
    return [];
  }

  show() {
    const { state } = this;
    const running = state !== null && this.session?.event !== "ended";
    this.dataset.view = running ? "step" : "intro";
    const showing = (selector, visible) => { this.$(selector).hidden = !visible; };
    showing(".intro", !running);
    showing(".step", running);
    if (!running) return;
    this.dataset.step = state.step;
    this.dataset.result = state.result;
    const { step, number, of, time } = state;
    const side = state.side !== "none" ? `, ${state.side}` : "";
    this.write("protocol.run", runs[state.run] ?? state.run, state.run, time);
    this.write("protocol.step", this.calibrating ? "Stand still" : (titles[step] ?? step) + side, step, time);
    this.write("protocol.number", of > 1 ? `${oneWord[step] ?? "number"} ${number} of ${of}` : "", number, time);
    this.write("protocol.instruction", this.calibrating ? `This is the zero that the rest is held against: ${stand} seconds.` : state.instruction);
    // What was wrong stays until the step is done well; what is wrong now stands there while it is.
    const advice = state.result === "running" && state.trouble ? state : this.result?.result === "repeat" && this.result.step === step && this.result.number === number ? this.result : null;
    showing("[data-field='protocol.advice']", advice !== null);
    this.write("protocol.advice", !advice ? "" : advice.result === "repeat" ? again(advice) : advice.advice ?? "", advice?.trouble, advice?.time);
    const left = state.left_s;
    showing(".ring", !none(left) && !this.calibrating);
    if (!none(left)) {
      this.write("protocol.left_s", left >= 60 ? duration(Math.ceil(left)) : whole(Math.ceil(left)), left, time);
      this.$(".ring-left").setAttribute("stroke-dasharray", `${this.total > 0 ? Math.min(left / this.total, 1) * 100 : 0} 200`);
    }
    showing(".levels", step === "pain");
    showing(".attached", step === "attach");
    showing(".to-roll", step === "rolling");
    showing(".rolled", step === "rolling");
    showing(".repeat", !["attach", "pain", "rolling", "wait", "finished", "settle"].includes(step));
    const at = order.indexOf(state.run);
    for (const line of this.querySelectorAll(".runs li")) {
      const place = order.indexOf(line.dataset.run);
      line.dataset.done = String(place < at || step === "finished");
      if (place === at && step !== "finished") line.setAttribute("aria-current", "step");
      else line.removeAttribute("aria-current");
    }
  }
}

customElements.define("sensorhub-test", SensorHubTest);
