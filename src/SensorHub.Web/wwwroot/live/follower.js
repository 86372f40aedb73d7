import { nameOf } from "./page.js";
import { showMessage } from "./message.js";
import { speechSwitch } from "./speech.js";
import { follow, hubTrouble, now, staleAfter, withLost } from "./stream.js";

const textPeriod = 0.15; // s between two changes of a number: faster cannot be read
export const none = value => value === undefined || value === null;

/** What pages that lead a person have in common: the stream, banners, commands to the hub, fields. Begins when it enters the document, ends when it leaves. */
export class Follower extends HTMLElement {
  connectedCallback() {
    this.$ = selector => this.querySelector(selector);
    this.abort = new AbortController();
    this.forget();
    speechSwitch(this.$(".speech-switch"), this.abort.signal);
    this.prepare();
    this.connect();
    this.watch = setInterval(() => { if (now() - (this.looked ?? 0) >= textPeriod) this.look(); }, 250);
  }

  disconnectedCallback() {
    this.source.close();
    this.abort.abort();
    clearInterval(this.watch);
  }

  // Of the page itself.
  prepare() { }
  take() { }
  show() { }
  ownBanners() { return []; }
  get leads() { return ""; } // the topics by which it looks; at the rest with these, or by the watch

  on(selector, event, handle) {
    for (const target of this.querySelectorAll(selector)) target.addEventListener(event, handle, { signal: this.abort.signal });
  }

  // ---- the stream

  forget() {
    this.session = this.posture = this.rolling = this.hub = null;
    this.sensors = new Map();
    this.seen = { posture: -Infinity, rolling: -Infinity };
  }

  connect() {
    follow(this, this.dataset.stream, (type, data) => {
      if (type === "snapshot") {
        this.forget();
        this.began?.(data.subject);
      }
      data.messages.forEach(message => this.accept(message, type === "snapshot"));
      if (type === "snapshot") this.dataset.following = "true";
      this.dataset.state = this.session?.event === "ended" ? "ended" : this.session || this.posture || this.rolling ? "live" : "empty";
      if (type === "snapshot" || data.messages.some(({ topic }) => topic.endsWith(this.leads))) this.soon();
    });
  }

  accept({ topic, payload }, known) {
    const kind = topic.split("/").at(-1);
    switch (kind) {
      case "status":
        if (payload.sensor) this.sensors.set(payload.sensor, withLost(payload, this.sensors.get(payload.sensor)));
        else this.hub = payload;
        break;
      case "session":
      case "posture":
      case "rolling":
        this[kind] = payload;
        if (kind !== "session") this.seen[kind] = now(); // what was known before may still come: it is missed a second later
        break;
      case "cues":
        if (payload.code === "message") showMessage(this, payload);
        break;
      default:
        break;
    }
    this.take(kind, payload, known);
  }

  /** Whether estimates of this kind (posture, rolling) come now. */
  comes(kind) {
    return now() - this.seen[kind] <= staleAfter;
  }

  /** The sensor of a kind (clip, roller) that has lost its link; null = none has. */
  lostOf(kind) {
    return [...this.sensors.values()].find(sensor => sensor.kind === kind && sensor.lost) ?? null;
  }

  /** Looks at what has just come, at most so often that numbers can be read: what is shown is fresh. What comes between is seen with the next, or by the watch. */
  soon() {
    if (now() - (this.looked ?? 0) >= textPeriod) this.look();
  }

  look() {
    this.looked = now();
    const banners = [];
    const trouble = hubTrouble(this);
    if (trouble) banners.push(trouble);
    banners.push(...this.ownBanners());
    this.showBanners(banners);
    this.show();
  }

  showBanners(banners) {
    const host = this.$(".banners");
    const key = banners.flat().join();
    if (host.dataset.key === key) return;
    host.dataset.key = key;
    host.replaceChildren(...banners.map(([kind, text, href]) => {
      const banner = document.createElement(href ? "a" : "p");
      banner.className = "banner";
      banner.dataset.banner = kind;
      banner.textContent = text;
      if (href) banner.href = href;
      return banner;
    }));
  }

  // ---- what the page says

  /** Writes a text, with the carried value and its event time beside it. */
  write(field, text, value, time) {
    const target = this.$(`[data-field="${field}"]`);
    if (target.textContent !== text) target.textContent = text;
    if (none(value)) {
      delete target.dataset.value;
      delete target.dataset.time;
    } else {
      target.dataset.value = value;
      if (none(time)) delete target.dataset.time;
      else target.dataset.time = time;
    }
  }

  /** What the person asked for could not be done. */
  tell(text) {
    const host = this.$(".said");
    if (host) host.textContent = text;
  }

  /** @returns whether the hub has it. */
  async send(command, to = "live/command") {
    this.tell("");
    try {
      const response = await fetch(to, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ schema: "command/1", ...command }), signal: this.abort.signal,
      });
      if (response.ok) return true;
      this.tell((await response.json().catch(() => null))?.detail ?? "The hub did not take it. Try again.");
    } catch {
      if (!this.abort.signal.aborted) this.tell("The hub does not answer. Try again.");
    }
    return false;
  }
}

export { nameOf, now };
