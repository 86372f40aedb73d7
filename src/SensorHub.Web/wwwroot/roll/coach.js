import { Gauge } from "../live/gauge.js";
import { cueLasts, cues, gravity } from "../live/page.js";
import { bandOf, drawGauge, paceOf, showRolling } from "../live/rolling.js";
import { duration, sentence } from "../live/format.js";
import { Follower, nameOf, none, now } from "../live/follower.js";
import { speech } from "../live/speech.js";

const holdsFor = 1.5; // s that a pace, a band or a silence must last before it is said
const goesOn = 1;     // s of contact after which the next set has begun without a tap
const ceiling = 7;    // pain of which the person is told that it is much: 4 to 6 is aimed at
const shake = { info: [80], remind: [120, 80, 120], warn: [250, 100, 250], stop: [600, 150, 600] };

const key = ({ muscle, side }) => `${muscle}/${side}`;
const known = item => item && item.muscle && item.muscle !== "none";

/** The rolling coach: what the stream says is what is shown; what the person wants goes to the hub as a command. */
class SensorHubRoll extends Follower {
  prepare() {
    this.model = JSON.parse(this.dataset.model);
    this.doses = new Map();
    this.clear();
    if (!this.$(".work")) return; // rolling is not offered
    this.gauge = new Gauge(this.$(".pressure"));
    this.on("[data-plan]", "click", event => this.begin(event.currentTarget.dataset.plan));
    this.on("[data-free]", "click", () => this.beginFree());
    this.on(".levels [data-pain]", "click", event => this.report(Number(event.currentTarget.dataset.pain)));
    this.on(".pause", "click", () => this.pause());
    this.on(".resume", "click", () => this.resume());
    this.on(".hurts", "click", () => this.ask());
    this.on(".wrong, .other", "click", () => this.pick());
    this.on(".finish", "click", () => this.finish());
    this.on(".again", "click", () => this.chooseAgain());
    this.on(".go", "click", () => this.go());
    this.on(".undo", "click", () => this.before && this.choose(this.before, true));
    this.on(".pick-side", "click", event => this.choose(event.currentTarget.dataset, true));
    this.on(".region", "click", event => this.touch(event.currentTarget.dataset));
    this.on(".steps", "click", event => {
      const button = event.target.closest("[data-step]");
      if (button) this.choose(this.plan.steps[Number(button.dataset.step)]);
    });
  }

  get leads() { return "/rolling"; }

  /** A snapshot: another connection, or another person. */
  began(subject) {
    if (subject && subject !== this.dataset.subject && !this.plan && !this.free) {
      location.reload(); // somebody's session has begun: their plan
      return;
    }
    if (this.subject && this.subject !== subject) this.clear();
    this.subject = subject;
    this.doses = new Map();
    this.restored = false;
  }

  clear() {
    Object.assign(this, { plan: null, free: false, panel: null, next: null, paused: null, chosen: null, stopped: false, finished: false, before: null, moved: null, picking: false, full: null });
    this.said = {};
  }

  // ---- what is remembered over a reload, for this session only

  keep() {
    try {
      sessionStorage.setItem("sensorhub.roll", JSON.stringify({
        session: this.session?.session ?? null, plan: this.plan?.id ?? null, free: this.free, paused: this.paused, stopped: this.stopped, finished: this.finished,
      }));
    } catch { /* not kept: the page begins anew */ }
  }

  restore() {
    this.restored = true;
    let kept = null;
    try { kept = JSON.parse(sessionStorage.getItem("sensorhub.roll")); } catch { /* nothing kept */ }
    if (!kept || !this.session || kept.session !== this.session.session || this.session.event === "ended") return;
    this.plan ??= this.model.plans.find(plan => plan.id === kept.plan) ?? null;
    this.free ||= kept.free;
    this.paused ??= kept.paused;
    this.stopped ||= kept.stopped;
    this.finished ||= kept.finished;
  }

  // ---- what the stream says

  take(kind, payload, old) {
    if (!this.model || !this.gauge) return;
    switch (kind) {
      case "session":
        if (this.at && this.at !== payload.session) { // another session: what was done belongs to the one before
          this.doses.clear();
          this.stopped = this.finished = false;
          this.paused = this.chosen = this.panel = this.next = this.moved = this.full = null;
        }
        this.at = payload.session;
        if (!this.restored) this.restore();
        break;
      case "rolling":
        if (!old) this.follow();
        this.frame ??= requestAnimationFrame(() => {
          this.frame = null;
          drawGauge(this.rolling, this.gauge);
        });
        break;
      case "cues":
        this.hear(payload);
        break;
      case "events":
        if (payload.type === "dose") {
          this.doses.set(key(payload), payload);
          if (!old) this.close(payload);
        } else if (payload.type === "set" && !old) {
          this.close(payload);
          if (this.before && key(this.before) === key(payload) && key(this.current()) !== key(payload))
            this.moved = `${duration(payload.contact_s)} stays counted for ${this.nameOf(payload)}.`;
        } else if (payload.type === "protocol") {
          this.protocol = payload;
        }
        break;
      default:
        break;
    }
  }

  /** A set has ended: its seconds are in the dose now. */
  close(ended) {
    if (this.rolling && key(this.rolling) === key(ended)) this.rolling = { ...this.rolling, set_contact_s: 0 };
    this.full = null;
  }

  /** What rolling counts for now, as the stream says. */
  current() {
    const { rolling, session } = this;
    const source = known(rolling) && this.comes("rolling") ? rolling : known(session) ? session : rolling ?? session;
    return { muscle: source?.muscle ?? "none", side: source?.side ?? "none", time: source?.time };
  }

  nameOf({ muscle, side }) {
    const name = [...this.plan?.steps ?? [], ...this.model.muscles].find(item => item.muscle === muscle)?.name ?? sentence(muscle).toLowerCase();
    return side && side !== "none" ? `${name}, ${side}` : name;
  }

  /** The planned dose: of the plan's step, else the muscle's default. */
  planned({ muscle, side }) {
    return this.plan?.steps.find(step => step.muscle === muscle && step.side === side)
      ?? this.plan?.steps.find(step => step.muscle === muscle && (step.side === "none" || side === "none"))
      ?? this.model.muscles.find(item => item.muscle === muscle) ?? null;
  }

  /** Seconds in contact: of this set, and how many sets are behind. Sets that were cut short add up. */
  count(item) {
    const plan = this.planned(item);
    const dose = this.doses.get(key(item));
    const open = this.rolling && key(this.rolling) === key(item) ? this.rolling.set_contact_s ?? 0 : 0;
    if (!plan) return { seconds: open, sets: 0, plan };
    const done = dose?.session === this.at ? dose.done_s : 0;
    const sets = Math.min(plan.sets, Math.floor((done + 0.5) / plan.set_s));
    return { seconds: open + (sets < plan.sets ? Math.max(0, done - sets * plan.set_s) : 0), sets, plan, open };
  }

  isDone(step) {
    const { sets, seconds, plan } = this.count(step);
    return sets >= plan.sets || sets === plan.sets - 1 && seconds >= plan.set_s;
  }

  /** Looks whether a set is full, or the next has begun by itself. */
  follow() {
    const item = this.current();
    if (this.stopped || this.paused || !known(item)) return;
    const { seconds, sets, plan, open } = this.count(item);
    if (plan && sets < plan.sets && seconds >= plan.set_s) this.fill(item, sets + 1, plan);
    if (this.panel === "after" && this.next && key(this.next) === key(item) && !this.full && this.rolling.contact && open > goesOn) this.panel = this.next = null;
  }

  /** The planned seconds of a set are done: said once. */
  fill(item, number, plan) {
    const full = `${this.at}/${key(item)}/${number}`;
    if (this.full === full) return;
    this.full = full;
    this.say("Set done. Rest.", "info");
    this.ask({ item, number, plan });
  }

  hear({ code, level, text, session }) {
    if (session && this.at && session !== this.at) return;
    if (code === "pain" && level === "stop") {
      this.stop();
      return;
    }
    if (code === "message") return; // stands on top of the page, as on every one
    if (code === "set_done") return; // the page's own count says it, which goes on after a pause
    this.say(text ?? cues[code] ?? sentence(code), level);
  }

  // ---- one cue at a time, in words, colour, speech and by vibration

  say(text, level) {
    if (this.cue && now() < this.cue.until && gravity(this.cue.level) > gravity(level)) return;
    this.cue = { text, level, until: now() + (cueLasts[level] ?? 8) };
    this.showCue();
    speech.say(text);
    navigator.vibrate?.(shake[level] ?? shake.info);
  }

  showCue() {
    const host = this.$(".coach-cue");
    const cue = this.cue && now() < this.cue.until ? this.cue : null;
    host.hidden = !cue || this.stopped; // then the whole page says it
    if (host.textContent !== (cue?.text ?? "")) host.textContent = cue?.text ?? "";
    host.dataset.level = cue?.level ?? "none";
  }

  /** Of pace and load, once it has lasted. Never asks for more. */
  remind() {
    const rolling = this.rolling;
    const advice = !rolling?.contact || !this.comes("rolling") ? null
      : bandOf(rolling) === "toohard" ? "Ease off: less weight on the roller."
        : paceOf(rolling.tempo_s) === "fast" ? "Slower: about three seconds a stroke."
          : paceOf(rolling.tempo_s) === "slow" ? "A little faster: two to four seconds a stroke." : null;
    if (this.said.advice !== advice) this.said = { advice, since: now(), told: false };
    if (!advice || this.said.told || now() - this.said.since < holdsFor) return;
    this.said.told = true;
    this.say(advice, "remind");
  }

  // ---- what the person wants

  async begin(id) {
    const plan = this.model.plans.find(offered => offered.id === id);
    if (!await this.send({ command: "choose_plan", plan: plan.plan })) return;
    this.clear();
    this.plan = plan;
    const first = plan.steps.find(step => !this.isDone(step)) ?? plan.steps[0];
    await this.choose(first);
    this.focusOn(".pause");
  }

  beginFree() {
    this.clear();
    this.free = true;
    this.pick();
    this.keep();
  }

  pick() {
    this.panel = this.next = null;
    this.picking = !this.picking;
    this.look();
    this.focusOn(this.picking ? ".pick-side" : ".wrong");
  }

  touch({ muscle, side }) {
    if (this.mayPick(muscle, side)) this.choose({ muscle, side }, true);
  }

  /** The list is what the screening leaves; the rest is only in a plan. */
  mayPick(muscle, side) {
    return this.model.muscles.some(item => item.muscle === muscle && item.sides.includes(side))
      || !!this.plan?.steps.some(step => step.muscle === muscle && (step.side === side || step.side === "none"));
  }

  /** @param corrects The person says that it was, or is, another muscle. */
  async choose({ muscle, side }, corrects = false) {
    const from = known(this.current()) ? this.current() : this.chosen ?? this.current(); // the stream may not have said yet what was chosen a moment ago
    if (!await this.send({ command: "choose_muscle", muscle, side })) return;
    this.chosen = { muscle, side };
    this.panel = this.next = this.paused = this.moved = null; // the set stays full until the stream says that it ended
    this.picking = this.finished = false;
    this.before = corrects && known(from) && key(from) !== key({ muscle, side }) ? { muscle: from.muscle, side: from.side } : null;
    if (this.before) this.moved = `What was counted stays with ${this.nameOf(this.before)}.`;
    if (!this.plan) this.free = true;
    speech.say(`Now ${this.nameOf({ muscle, side })}.`);
    this.keep();
    this.look();
    this.focusOn(this.before ? ".undo" : ".pause");
  }

  async pause() {
    const item = this.current();
    if (!known(item) || !await this.send({ command: "choose_muscle", muscle: "none", side: "none" })) return;
    this.paused = { muscle: item.muscle, side: item.side };
    this.panel = this.chosen = null;
    speech.say("Paused.");
    this.keep();
    this.look();
    this.focusOn(".resume");
  }

  async resume() {
    const item = this.paused;
    if (item) await this.choose(item);
  }

  /** Between two sets, and whenever it hurts. */
  ask(set = null) {
    this.asked = set;
    this.panel = "ask";
    this.picking = false;
    this.$(".characters input").checked = true;
    this.look();
    this.focusOn("#ask-title");
  }

  async report(level) {
    const character = this.$(".characters input:checked").value;
    // The person's word counts at once, also while the hub is away.
    const stops = level >= this.model.pain_limit || character !== "pressure";
    const sent = this.send({ command: "report_pain", level, character });
    if (stops) {
      this.stop();
      return;
    }
    if (!await sent) return;
    if (level >= ceiling) this.say("That is much. Use less weight: 4 to 6 is enough.", "warn");
    this.panel = null;
    if (this.asked) this.afterSet(this.asked);
    this.look();
    this.focusOn(this.panel === "after" ? "#after-title" : ".pause");
  }

  afterSet({ item, number, plan }) {
    this.panel = "after";
    this.restUntil = null;
    if (number < plan.sets) {
      this.next = { muscle: item.muscle, side: item.side, number: number + 1, of: plan.sets };
      this.restUntil = plan.rest_s ? now() + plan.rest_s : null;
      if (plan.rest_s) speech.say(`Rest ${plan.rest_s} seconds.`);
    } else if (this.plan) {
      const at = this.plan.steps.findIndex(step => key(step) === key(plan));
      const left = [...this.plan.steps.slice(at + 1), ...this.plan.steps.slice(0, at)].filter(step => !this.isDone(step));
      this.next = left[0] ?? null;
      if (!this.next) {
        this.finish();
        return;
      }
      const turns = this.next.muscle === item.muscle && this.next.side !== item.side;
      speech.say(`${turns ? "Change sides. " : ""}Next: ${this.nameOf(this.next)}.`);
    } else {
      this.next = null;
    }
  }

  /** On with the next set or step: choosing it again ends the set before. */
  go() {
    if (this.next) this.choose(this.next);
    else this.pick();
  }

  async finish() {
    await this.send({ command: "choose_muscle", muscle: "none", side: "none" });
    this.finished = true;
    this.panel = this.next = this.paused = this.chosen = null;
    this.picking = false;
    speech.say("Done.");
    this.keep();
    this.look();
    this.focusOn("#done-title");
  }

  chooseAgain() {
    this.clear();
    this.keep();
    this.look();
    this.focusOn(".offer");
  }

  /** Pain of 8 and more, or sharp, or tingling: rolling is over for this session. */
  stop() {
    if (this.stopped) return;
    this.stopped = true;
    this.panel = this.next = this.paused = this.chosen = null;
    this.picking = false;
    this.cue = null;
    this.keep();
    this.say("Stop rolling.", "stop");
    this.look();
    this.focusOn("#stop-title");
    this.send({ command: "choose_muscle", muscle: "none", side: "none" });
  }

  focusOn(selector) {
    const target = this.$(selector);
    this.focusLater = null;
    if (!target || target.offsetParent === null) return;
    if (target.disabled) this.focusLater = selector; // until the stream says what the hub was asked for
    else target.focus();
  }

  /** Nobody has gone elsewhere meanwhile. */
  focusNow() {
    if (this.focusLater && !this.$(this.focusLater).disabled && [null, document.body].includes(document.activeElement)) this.focusOn(this.focusLater);
  }

  // ---- the page

  ownBanners() {
    const banners = [];
    const clip = this.lostOf("clip");
    if (clip) banners.push(["lost-clip", `${nameOf(clip)} lost its link. Rolling goes on; posture is not seen.`]);
    if (this.connected && this.gauge && !this.rolling && !this.stopped) banners.push(["no-roller", "No roller heard yet. Switch it on and keep it near; this page goes on by itself."]);
    const step = this.protocol?.session === this.at ? this.protocol?.step : null;
    if (step && !["rolling", "finished", "attach"].includes(step)) banners.push(["protocol", "A before / after measurement is under way. Go there.", "test"]);
    return banners;
  }

  get view() {
    if (this.stopped) return "stopped";
    if (this.finished) return "done";
    return this.plan || this.free ? "work" : "choose";
  }

  /** Which sensor is missing; null while the roller is heard, and before it was. */
  get missing() {
    if (this.view !== "work" || this.session?.event === "ended") return null;
    const roller = this.lostOf("roller");
    if (roller) return `${nameOf(roller)} lost its link. Bring it closer or check its battery. It goes on by itself when it is back.`;
    if (!this.rolling || this.comes("rolling") || !this.connected) return null;
    return `No data from ${nameOf({ kind: "roller", sensor: this.rolling.sensor })}. It goes on by itself when it is back.`;
  }

  /** Shown at once; said once it has lasted, and so is its end. */
  sayMissing(missing) {
    if (missing === null) {
      if (this.toldMissing && this.view === "work") speech.say("It is back. Go on.");
      this.missingSince = this.toldMissing = null;
      return;
    }
    this.missingSince ??= now();
    if (this.toldMissing || now() - this.missingSince < holdsFor) return;
    this.toldMissing = true;
    speech.say(`Paused. ${missing}`);
  }

  show() {
    if (!this.gauge) return;
    const view = this.view;
    const missing = this.missing;
    this.dataset.view = view;
    this.dataset.missing = String(missing !== null);
    this.sayMissing(missing);

    const showing = (selector, visible) => { this.$(selector).hidden = !visible; };
    showing(".choose", view === "choose");
    showing(".stop", view === "stopped");
    showing(".done", view === "done");
    showing(".work", view === "work");
    showing(".ask", view === "work" && this.panel === "ask");
    showing(".after", view === "work" && this.panel === "after");
    showing(".paused", view === "work" && this.paused !== null);
    showing(".lost", missing !== null);
    showing(".plan", this.plan !== null);
    const item = this.paused ?? this.current();
    showing(".pick", this.picking || this.free && !known(item));
    this.write("lost.text", missing ?? "");
    this.showCue();
    if (view === "done") this.showDone();
    if (view !== "work") return;
    if (!this.paused && missing === null && this.panel === null) this.remind();

    const { seconds, sets, plan } = this.count(item);
    const name = known(item) ? this.planned(item)?.name ?? sentence(item.muscle) : null;
    this.write("now.eyebrow", this.paused || missing !== null ? "Paused" : "Now");
    this.write("now.muscle", name ? sentence(name) : "Pick a muscle", known(item) ? item.muscle : null, item.time);
    this.write("now.side", known(item) && item.side !== "none" ? sentence(item.side) : "", known(item) ? item.side : null, item.time);
    const set = plan ? Math.min(seconds, plan.set_s) : seconds;
    this.write("rolling.set_contact_s", duration(set), this.rolling?.set_contact_s, this.rolling?.time);
    this.write("now.planned", plan ? `of ${duration(plan.set_s)}` : "on the roller");
    this.write("now.set", plan ? sets >= plan.sets ? "All sets done" : `Set ${sets + 1} of ${plan.sets}` : "");
    this.write("now.near", plan?.near?.length ? `Keep off ${plan.near.join(", ")}.` : "");
    this.$(".set-rail").style.setProperty("--at", plan ? `${set / plan.set_s * 100}%` : "0%");
    this.write("moved.text", this.moved ?? "");
    showing(".undo", this.before !== null && known(item));
    this.$(".wrong").textContent = known(item) ? "Wrong muscle" : "Pick a muscle";
    this.$(".pause").disabled = !known(item) || this.paused !== null;
    this.focusNow();
    drawGauge(this.rolling, this.gauge);
    showRolling(this.rolling, (...field) => this.write(...field), this.$(".tempo-rail"));

    if (this.panel === "after") this.showAfter();
    this.showBody(item);
    this.showPlan(item);
  }

  showAfter() {
    const { next } = this;
    const rest = this.restUntil ? Math.ceil(this.restUntil - now()) : 0;
    this.write("after.title", next?.number ? `Set ${next.number} of ${next.of} comes` : next ? `Next: ${this.nameOf(next)}` : "This muscle is done");
    this.write("after.text", next?.number ? rest > 0 ? `Rest ${rest} s.` : "Go on when you are ready." : next ? "Move the roller over." : "Go on with another muscle, or finish.");
    this.$(".go").textContent = next?.number ? `Start set ${next.number}` : next ? "Start" : "Pick a muscle";
    this.$(".other").hidden = !next;
  }

  showBody(item) {
    for (const region of this.querySelectorAll(".region")) {
      const { muscle, side } = region.dataset;
      region.toggleAttribute("data-lit", muscle === item.muscle && (side === item.side || side === "none" || item.side === "none"));
      region.toggleAttribute("data-off", !this.mayPick(muscle, side));
    }
    for (const button of this.querySelectorAll(".pick-side"))
      button.setAttribute("aria-pressed", button.dataset.muscle === item.muscle && button.dataset.side === item.side);
  }

  showPlan(item) {
    if (!this.plan) return;
    this.write("plan.name", this.plan.name);
    const list = this.$(".steps");
    if (list.dataset.plan !== this.plan.id) {
      list.dataset.plan = this.plan.id;
      list.replaceChildren(...this.plan.steps.map((step, index) => {
        const line = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.step = index;
        const name = document.createElement("span");
        name.textContent = sentence(this.nameOf(step));
        const dose = document.createElement("span");
        dose.className = "step-dose";
        button.append(name, dose);
        line.append(button);
        return line;
      }));
    }
    this.plan.steps.forEach((step, index) => {
      const line = list.children[index];
      const isNow = key(step) === key(item);
      const done = this.isDone(step);
      line.dataset.done = String(done);
      const button = line.firstElementChild;
      if (isNow) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
      const dose = `${done ? "✓ done" : `${step.sets} × ${duration(step.set_s)}`}`;
      if (button.lastElementChild.textContent !== dose) button.lastElementChild.textContent = dose;
    });
  }

  showDone() {
    const lines = [...this.doses.values()].filter(dose => dose.session === this.at)
      .map(dose => `${sentence(this.nameOf(dose))}: ${duration(dose.done_s)} in ${dose.sets} ${dose.sets === 1 ? "set" : "sets"}`);
    const list = this.$(".done-list");
    const text = lines.length ? lines : ["Nothing was counted."];
    if (list.dataset.key === text.join()) return;
    list.dataset.key = text.join();
    list.replaceChildren(...text.map(line => Object.assign(document.createElement("li"), { textContent: line })));
  }
}

customElements.define("sensorhub-roll", SensorHubRoll);
