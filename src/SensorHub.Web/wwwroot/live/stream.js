// The one event stream of a page, and what is wrong when nothing comes.
export const staleAfter = 1;  // s without an estimate while a session runs
export const silentAfter = 3; // s without anything from the server, which sends a heartbeat each second
const longestWait = 3;        // s between two attempts to connect: each may use up an old connection that the browser still believes in
export const now = () => performance.now() / 1000;

/**
 * Opens the stream. Keeps on the page when something was heard (`heard`), whether there is a connection (`connected`) and the broker's trouble
 * (`brokerTrouble`); to be closed with `source.close()`. Each connection begins with all that is known. One that has fallen silent (after sleep or a change of network the browser
 * does not notice it), and one that the browser has given up, is made anew: after a second, then more slowly, and at once when the page is seen again or the network is back.
 * @param on takes the type and the data of each event.
 */
export function follow(page, url, on, types = ["snapshot", "update", "heartbeat"]) {
  const abort = new AbortController();
  let events = null;
  let opened = now();
  let wait = 1;

  const open = () => {
    events?.close();
    opened = now();
    events = new EventSource(url);
    for (const type of types)
      events.addEventListener(type, event => {
        page.heard = now();
        page.connected = true;
        wait = 1;
        const data = JSON.parse(event.data);
        page.brokerTrouble = data.broker_trouble ?? null;
        on(type, data);
      });
    events.onerror = () => {
      page.connected = false;
      leaveIfRefused(url, abort.signal);
    };
  };
  const check = () => {
    const fine = events.readyState !== EventSource.CLOSED && now() - Math.max(page.heard, opened) <= silentAfter;
    if (fine || now() - opened < wait) return;
    wait = Math.min(2 * wait, longestWait);
    page.connected = false;
    open();
  };
  const soon = () => {
    if (document.visibilityState !== "visible") return;
    wait = 0;
    check();
    wait = 1;
  };

  page.heard = now();
  open();
  const watch = setInterval(check, 1000);
  document.addEventListener("visibilitychange", soon, { signal: abort.signal });
  addEventListener("online", soon, { signal: abort.signal });
  page.source = {
    close() {
      abort.abort();
      clearInterval(watch);
      events.close();
    },
  };
}

/** Who may not see this any more, signed out or without the permission, sees at once what the server says of that instead of old numbers. */
async function leaveIfRefused(url, signal) {
  const enough = new AbortController();
  try {
    const { status } = await fetch(url, { signal: AbortSignal.any([signal, enough.signal]) });
    if (status === 401 || status === 403) location.reload();
  } catch { /* the server is not there: tried again */ }
  enough.abort();
}

/** A sensor's status, with whether it is lost: its link was there and is not, while the hub looks for it and until it is made again. */
export const withLost = (sensor, before) => ({
  ...sensor,
  lost: sensor.link === "lost" || !["streaming", "stalled"].includes(sensor.link) && !!before && (before.lost || ["streaming", "stalled"].includes(before.link)),
});

/** The server has been silent for longer than a heartbeat takes. */
export function isSilent(page) {
  const silent = now() - page.heard;
  return !page.connected && silent > staleAfter || silent > silentAfter;
}

/** A banner's kind and text: why nothing comes from the hub of a page; null = nothing is wrong. */
export function hubTrouble(page) {
  if (isSilent(page)) return ["hub", "The hub does not answer. Is it running? This page keeps trying."];
  if (page.brokerTrouble) return ["broker", page.brokerTrouble];
  if (page.hub && !page.hub.online) return ["hub", "The hub is offline. Start it again to go on."];
  return null;
}
