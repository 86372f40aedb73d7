// The calibration wizard: asks the hub for a stand and for three bends, counts down, and says what the hub says of them.
import { speech, speechSwitch } from "../live/speech.js";
import { follow } from "../live/stream.js";

const sways = 3;      // °, in the last 1.5 s: more is not still
const looksBack = 1.5; // s
const bent = 25;      // ° from where the bends began
const upright = 10;
const bends = 3;

const steps = {
  stand: { command: "calibrate_stand", seconds: 10 },
  bends: { command: "calibrate_bends", seconds: 30 },
};

/** The quality of a calibration, in words, from an event/1 of type calibration. */
export function verdict(event) {
  if (!event.accepted) return event.reason || "That did not work. Try again.";
  const explained = [event.lower_axis_explained, event.upper_axis_explained].filter(v => v !== undefined);
  const parts = [];
  if (event.lower_standing_deg !== undefined) parts.push(`The lower part leans ${event.lower_standing_deg.toFixed(1)}° (± ${(2 * event.lower_standing_u_deg).toFixed(1)}°)`);
  if (event.upper_standing_deg !== undefined) parts.push(`the upper ${event.upper_standing_deg.toFixed(1)}° (± ${(2 * event.upper_standing_u_deg).toFixed(1)}°)`);
  if (explained.length) parts.push(`your bends lay ${Math.round(100 * Math.min(...explained))} % in one plane`);
  return ["Good.", parts.length ? `${parts.join(", ")}.` : "", event.reason || ""].filter(Boolean).join(" ");
}

class Calibration extends HTMLElement {
  connectedCallback() {
    this.running = null;
    this.abort = new AbortController();
    for (const button of this.querySelectorAll("[data-begin]"))
      button.addEventListener("click", () => this.begin(button.dataset.begin), { signal: this.abort.signal });
    speechSwitch(this.querySelector(".speech-switch"), this.abort.signal);
    follow(this, this.dataset.stream, (_, { messages }) => messages.forEach(message => this.take(message)));
  }

  disconnectedCallback() {
    this.abort.abort();
    this.source.close();
    clearInterval(this.ticking);
  }

  take({ topic, payload }) {
    if (payload.schema?.startsWith("sensor/") && payload.kind === "clip")
      this.querySelector(".calibration-clip").textContent = payload.link === "streaming" ? `${payload.sensor} is there.` : `${payload.sensor}: ${payload.trouble ?? payload.link}.`;
    if (topic.endsWith("/posture")) this.guide(payload);
    if (topic.endsWith("/events") && payload.type === "calibration" && steps[payload.step]) this.finish(payload.step, payload);
  }

  /** While the hub looks: what it sees now, shown and, as who bends sees no screen, spoken. The hub alone judges. */
  guide({ time, upper_inclination_deg: upper, pelvic_inclination_deg: pelvis }) {
    const angle = upper ?? pelvis;
    if (!this.running || angle === undefined) return;
    const at = Date.parse(time) / 1000;
    this.seen = [...this.seen.filter(seen => at - seen.at < looksBack), { at, angle }];
    const angles = this.seen.map(seen => seen.angle);
    if (this.running === "stand") {
      this.tell("stand", Math.max(...angles) - Math.min(...angles) > sways ? "You move. Stand quite still." : "Still. Stay so.");
      return;
    }
    this.from ??= angle;
    const depth = angle - this.from;
    if (!this.down && depth > bent) this.down = true;
    if (this.down && depth < upright) {
      this.down = false;
      this.done++;
    }
    this.tell("bends", this.down ? "Down. Hold it, then slowly up."
      : this.done === 0 ? "Bend forward slowly."
        : this.done < bends ? `${this.done} of ${bends}. Once more.` : "That is enough. Stand and wait.");
    this.querySelector("[data-depth]").textContent = `${Math.round(Math.max(0, depth))}°`;
  }

  tell(step, text) {
    const line = this.querySelector(`[data-guide=${step}]`);
    if (line.textContent === text) return;
    line.textContent = text;
    speech.say(text);
  }

  async begin(step) {
    if (this.running) return;
    this.trouble(null);
    this.say(step, "");
    Object.assign(this, { running: step, seen: [], from: undefined, down: false, done: 0 });
    try {
      const response = await fetch(this.dataset.command, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ command: steps[step].command, schema: "command/1", duration_s: steps[step].seconds }),
        signal: this.abort.signal,
      });
      if (!response.ok) throw new Error((await response.json()).detail);
    } catch (error) {
      this.running = null;
      this.trouble(error instanceof TypeError || !error.message ? "The hub does not answer. Try again." : error.message);
      return;
    }
    if (this.running !== step) return; // the hub's word was faster than the answer
    this.dataset.state = step;
    speech.say(step === "stand" ? "Stand quite still." : "Bend forward slowly.");
    let left = steps[step].seconds;
    const count = this.querySelector(`[data-count=${step}]`);
    const show = () => {
      count.hidden = left <= 0;
      count.textContent = `${left} s`;
      if (left-- > -6) return;
      this.finish(step, { accepted: false, reason: "Nothing was heard from the clip. Is it on, and worn?" });
    };
    show();
    this.ticking = setInterval(show, 1000);
  }

  finish(step, event) {
    clearInterval(this.ticking);
    if (this.running === step) this.running = null;
    this.dataset.state = "waiting";
    this.querySelector(`[data-count=${step}]`).hidden = true;
    this.querySelector(`[data-guide=${step}]`).textContent = "";
    this.querySelector("[data-depth]").textContent = "";
    this.say(step, verdict(event));
    speech.say(event.accepted ? "Good." : event.reason);
    this.querySelector(`[data-step=${step}]`).dataset.result = event.accepted ? "good" : "again";
    const again = this.querySelector(`[data-begin=${step}]`);
    again.textContent = event.accepted ? "Again" : "Try again";
    if (step === "stand" && event.accepted) this.querySelector("[data-begin=bends]").disabled = false;
  }

  say(step, text) {
    this.querySelector(`[data-verdict=${step}]`).textContent = text;
  }

  trouble(text) {
    const line = this.querySelector(".calibration-trouble");
    line.hidden = !text;
    line.textContent = text ?? "";
  }
}

customElements.define("sensorhub-calibration", Calibration);
