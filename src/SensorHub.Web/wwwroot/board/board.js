import { Tile } from "./tile.js";
import { follow, isSilent, now } from "../live/stream.js";


/** The board: one event stream in, a tile a person out. Drawn in animation frames, and only the tiles that have news. */
export class Board extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector(".board-tiles");
    this.template = this.querySelector(".tile-template").content.firstElementChild;
    this.tiles = new Map();
    follow(this, this.dataset.stream, (type, data) => {
      if (type === "heartbeat") return;
      if (type === "snapshot") { // who is not in it may not be seen any more
        const seen = new Set(data.tiles.map(tile => tile.subject));
        for (const subject of [...this.tiles.keys()]) if (!seen.has(subject)) this.remove(subject);
      }
      this.take(data);
      if (type === "snapshot") this.look();
    });
    this.watch = setInterval(() => this.look(), 250);
  }

  disconnectedCallback() {
    this.source.close();
    clearInterval(this.watch);
    cancelAnimationFrame(this.frame);
  }

  take({ gone, tiles }) {
    for (const subject of gone) this.remove(subject);
    for (const news of tiles) {
      let tile = this.tiles.get(news.subject);
      if (!tile) {
        tile = new Tile(this.template.cloneNode(true), news.subject);
        tile.fields.alias.href = `board/${encodeURIComponent(news.subject)}`;
        this.tiles.set(news.subject, tile);
      }
      tile.take(news, now());
      this.announce(tile);
    }
    this.wake();
  }

  remove(subject) {
    this.tiles.get(subject)?.host.remove();
    this.tiles.delete(subject);
    this.wake();
  }

  /** A new alert is said once. */
  announce(tile) {
    const said = tile.alerts.map(alert => alert.kind).join();
    if (said && said !== tile.said) this.querySelector(".announcer").textContent = `${tile.alias}: ${tile.alerts[0].text}`;
    tile.said = said;
  }

  wake() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const time = now();
    // By name, so that a tile keeps its place; added where it belongs without moving the others.
    for (const tile of [...this.tiles.values()].sort((a, b) => a.alias.localeCompare(b.alias) || (a.subject < b.subject ? -1 : 1))) {
      if (tile.isLive(time)) {
        if (tile.dirty || !tile.host.isConnected) tile.draw();
        if (!tile.host.isConnected) {
          const after = [...this.list.children].find(other => this.order(tile, this.tiles.get(other.dataset.subject)) < 0);
          this.list.insertBefore(tile.host, after ?? null);
        }
      } else if (tile.host.isConnected) {
        tile.host.remove();
      }
    }
    this.dataset.state = this.list.children.length > 0 ? "live" : this.connected ? "empty" : "connecting";
  }

  order(a, b) {
    return a.alias.localeCompare(b.alias) || (a.subject < b.subject ? -1 : 1);
  }

  look() {
    const time = now();
    let dirty = false;
    for (const tile of this.tiles.values()) {
      tile.look(time);
      dirty ||= tile.dirty || tile.isLive(time) !== tile.host.isConnected;
    }
    if (dirty || this.dataset.state === "connecting") this.wake();
    const count = this.list.children.length;
    const text = count === 0 ? "" : count === 1 ? "1 session" : `${count} sessions`;
    const counter = this.querySelector(".board-count");
    if (counter.textContent !== text) counter.textContent = text;
    const banner = isSilent(this) ? "The server does not answer. This page keeps trying." : this.brokerTrouble ?? "";
    const host = this.querySelector(".banners");
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
}
