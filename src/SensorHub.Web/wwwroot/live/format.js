/** How carried values read: no more decimals than they deserve. */
const minus = text => text.replace("-", "−");

export const whole = value => minus(String(Math.round(value) + 0));

/** Up to 10 with one decimal, above without. */
export const brief = value => minus(Math.abs(value) < 9.95 ? value.toFixed(1) : value.toFixed(0));

export const duration = seconds => {
  const s = Math.floor(seconds);
  const clock = `${Math.floor(s / 60) % 60}`.padStart(s >= 3600 ? 2 : 1, "0") + ":" + `${s % 60}`.padStart(2, "0");
  return s >= 3600 ? `${Math.floor(s / 3600)}:${clock}` : clock;
};

/** "too_light" and "too-light" are "too light". */
export const words = name => (name ?? "").replace(/[_-]/g, " ");

export const sentence = name => {
  const text = words(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** Value ± 2u, never below `least`. */
export const interval = (value, u, least) => `${whole(Math.max(value - 2 * u, least))}–${whole(value + 2 * u)}`;
