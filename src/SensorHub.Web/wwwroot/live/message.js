import { speech } from "./speech.js";

const lasts = 30; // s
const timers = new WeakMap();

/** What somebody who watches says to the person: stands on top of the page until the next or half a minute, and is spoken. It is text, whatever it looks like. */
export const showMessage = (page, { text, level, said_by, time }) => {
  let host = page.querySelector(".message");
  if (!host) {
    host = document.createElement("p");
    host.className = "message";
    host.setAttribute("role", "alert");
    for (const part of ["from", "text"]) {
      const span = document.createElement("span");
      span.className = `message-${part}`;
      host.append(span);
    }
    page.prepend(host);
  }
  if (host.dataset.time === time) return; // delivered again
  host.dataset.time = time;
  host.dataset.level = level;
  host.querySelector(".message-from").textContent = said_by ?? "";
  host.querySelector(".message-text").textContent = text ?? "";
  host.hidden = false;
  clearTimeout(timers.get(host));
  timers.set(host, setTimeout(() => { host.hidden = true; }, lasts * 1000));
  speech.say(text);
};
