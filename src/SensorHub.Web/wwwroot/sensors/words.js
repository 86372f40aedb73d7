// How states and numbers of sensors are said.
export const none = value => value === undefined || value === null;

const states = {
  connecting: "Connecting…", streaming: "Streaming", lost: "Link lost, trying again", searching: "Not heard yet", pairing: "Pairing…",
  starting: "Starting…", stalled: "Connected, but no data", refused: "Refused", off: "Left alone",
};
/** good, busy, bad or off: what colour and shape go with a state. */
const moods = { streaming: "good", lost: "bad", stalled: "bad", refused: "bad", searching: "off", off: "off" };

export const stateOf = link => states[link] ?? link;
export const moodOf = link => moods[link] ?? "busy";

export const sentence = name => (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("_", " ");

/** "3 min" from a number of seconds. */
export function ago(seconds) {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

export const secondsBetween = (from, to) => (Date.parse(to) - Date.parse(from)) / 1000;

export const battery = percent => none(percent) ? "–" : `${Math.round(percent)} %`;

export function number(value, digits) {
  if (none(value)) return "–";
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

export const signed = (value, digits) => `${value > 0 ? "+" : ""}${number(value, digits)}`;

/** 0 to 4 bars, and a word. */
export function signal(dbm) {
  if (none(dbm)) return { bars: 0, word: "–" };
  if (dbm >= -60) return { bars: 4, word: "strong" };
  if (dbm >= -72) return { bars: 3, word: "good" };
  if (dbm >= -84) return { bars: 2, word: "weak" };
  return { bars: 1, word: "very weak" };
}
