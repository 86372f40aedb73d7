import { moodOf, none, secondsBetween, ago, signal, stateOf } from "./words.js";
import { follow, isSilent, now } from "../live/stream.js";

/** What both sensor pages have: the stream, requests, banners and the pairing. Begins when it enters the document, ends when it leaves. */
export class DeskElement extends HTMLElement {
  connectedCallback() {
    this.$ = selector => this.querySelector(selector);
    this.abort = new AbortController();
    this.desk = null;
    this.prepare();
    this.preparePairing();
    this.connect();
    this.watch = setInterval(() => this.look(), 1000);
  }

  disconnectedCallback() {
    this.source.close();
    this.abort.abort();
    clearInterval(this.watch);
  }

  /** Of the page itself. */
  prepare() { }
  show() { }

  on(selector, event, handle) {
    this.$(selector)?.addEventListener(event, handle, { signal: this.abort.signal });
  }

  // ---- the stream

  connect() {
    follow(this, "sensors/stream", (type, desk) => {
      if (type === "heartbeat") return;
      this.desk = desk;
      this.received = now();
      this.look();
      this.show(desk);
      this.showPairing(desk.pairing);
    }, ["state", "heartbeat"]);
  }

  /** The hub's time now, as well as this page knows it. */
  secondsSince(time) {
    return secondsBetween(time, this.desk.time) + (now() - this.received);
  }

  look() {
    const banners = [];
    if (isSilent(this)) banners.push(["hub", "The hub does not answer. Is it running? This page keeps trying."]);
    else if (this.desk?.radio_trouble) banners.push(["radio", this.desk.radio_trouble]);
    banners.push(...this.ownBanners());
    const host = this.$(".banners");
    const key = banners.flat().join();
    if (host.dataset.key === key) return;
    host.dataset.key = key;
    host.replaceChildren(...banners.map(([kind, text]) => {
      const banner = document.createElement("p");
      banner.className = "banner";
      banner.dataset.banner = kind;
      banner.textContent = text;
      return banner;
    }));
  }

  ownBanners() { return []; }

  // ---- requests

  /** @returns {Promise<string|null>} Why not, or null. */
  async post(path, body) {
    try {
      const response = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body ?? {}),
        signal: this.abort.signal,
      });
      if (response.ok) return null;
      const problem = await response.json().catch(() => null);
      return problem?.detail ?? "The hub refused. Reload the page and try again.";
    } catch {
      return "The hub does not answer. Try again.";
    }
  }

  /** A button that asks the hub: busy meanwhile, and the outcome said. */
  async ask(button, said, path, body, working, done) {
    if (button.getAttribute("aria-busy") === "true") return false;
    button.setAttribute("aria-busy", "true");
    said.textContent = working;
    const trouble = await this.post(path, body);
    button.removeAttribute("aria-busy");
    said.textContent = trouble ?? done;
    said.dataset.outcome = trouble ? "failed" : "done";
    return trouble === null;
  }

  // ---- drawing

  write(within, field, text) {
    const target = within.querySelector(`[data-field="${field}"]`);
    if (target && target.textContent !== text) target.textContent = text;
    return target;
  }

  writeLink(within, sensor) {
    const since = none(sensor.since) ? null : this.secondsSince(sensor.since);
    const chip = this.write(within, "link", stateOf(sensor.link) + (since === null || since < 1 ? "" : ` · ${ago(since)}`));
    chip.dataset.mood = moodOf(sensor.link);
  }

  writeSignal(within, dbm) {
    const host = within.querySelector('[data-field="signal"]');
    const { bars, word } = signal(dbm);
    const key = none(dbm) ? "" : `${bars} ${dbm}`;
    if (host.dataset.key === key) return;
    host.dataset.key = key;
    if (none(dbm)) {
      host.textContent = "–";
      return;
    }
    const picture = document.createElement("span");
    picture.className = "bars";
    picture.setAttribute("aria-hidden", "true");
    for (let i = 1; i <= 4; i++) {
      const bar = document.createElement("i");
      if (i <= bars) bar.className = "on";
      picture.append(bar);
    }
    host.replaceChildren(picture, `${word} `, Object.assign(document.createElement("small"), { textContent: `${dbm} dBm`.replace("-", "−") }));
  }

  // ---- pairing

  preparePairing() {
    const answer = accept => {
      const id = this.pairing?.id;
      this.pairing = null;
      this.$(".pairing").close();
      if (id) this.post(`sensors/pairing/${encodeURIComponent(id)}`, { accept });
    };
    this.on(".pairing .accept", "click", () => answer(true));
    this.on(".pairing .refuse", "click", () => answer(false));
    this.on(".pairing", "cancel", event => { event.preventDefault(); answer(false); });
  }

  showPairing(pairing) {
    const dialog = this.$(".pairing");
    if (!pairing) {
      this.answered = null;
      if (dialog.open) dialog.close();
      this.pairing = null;
      return;
    }
    if (this.answered === pairing.id || this.pairing?.id === pairing.id) return;
    this.pairing = pairing;
    this.answered = pairing.id;
    this.write(dialog, "name", pairing.name);
    this.write(dialog, "passkey", pairing.passkey ?? "");
    this.write(dialog, "task", !pairing.passkey ? "The sensor asks to be paired with this computer." :
      pairing.needs_answer ? "Does the sensor show the same number?" : "Type this number in at the sensor.");
    dialog.querySelector(".passkey").hidden = !pairing.passkey;
    dialog.querySelector(".accept").hidden = !pairing.needs_answer;
    dialog.querySelector(".accept").textContent = pairing.passkey ? "They are the same" : "Pair";
    dialog.querySelector(".refuse").textContent = pairing.needs_answer ? "Do not pair" : "Hide";
    if (!dialog.open) dialog.showModal();
  }
}
