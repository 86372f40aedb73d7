import { interval, sentence, whole, words } from "./format.js";

const none = value => value === undefined || value === null;

/** "toolight", "good", "toohard" or "none". */
export const bandOf = rolling => words(rolling?.band ?? "none").replace(" ", "");

export const bandWord = rolling => {
  if (!rolling) return "No roller";
  if (!rolling.contact) return "No contact";
  return bandOf(rolling) === "none" ? "In contact" : sentence(rolling.band);
};

/** "fast" is below 2 s a stroke, "slow" above 4 s (PMID 33105383). */
export const paceOf = tempo => none(tempo) ? "none" : tempo < 2 ? "fast" : tempo > 4 ? "slow" : "good";

/** What the gauge shows, in % of body weight where the force decides, else in kPa. */
const load = rolling => {
  // Without contact the cells still give a newton or two of noise: true, and of no use to a person.
  const pressed = rolling?.contact === true;
  const inWeight = !none(rolling?.band_low_pct); // the force decides, not the pressure
  const kpa = rolling?.pressure_kpa ?? null;
  const value = inWeight ? pressed ? rolling.body_weight_pct ?? null : null : kpa;
  const u = (inWeight ? rolling.body_weight_u_pct : rolling?.pressure_u_kpa) ?? null;
  const [low, high] = (inWeight ? [rolling.band_low_pct, rolling.band_high_pct] : [rolling?.band_low_kpa, rolling?.band_high_kpa]).map(end => end ?? null);
  return { pressed, inWeight, kpa, value, u, low, high };
};

/** The gauge alone: it moves with each estimate, numbers change as often as can be read. */
export const drawGauge = (rolling, gauge) => {
  const { inWeight, value, u, low, high } = load(rolling);
  gauge.draw({ value, u, low, high, band: bandOf(rolling), top: inWeight ? 60 : 80 });
};

/**
 * Load, strokes and tempo, on any page with the fields of PressureGauge.razor; its gauge is drawn by drawGauge.
 * @param write (field, text, value, time)
 */
export const showRolling = (rolling, write, tempoRail) => {
  const time = rolling?.time;
  const { pressed, inWeight, kpa, value, u, low, high } = load(rolling);
  const unit = inWeight ? "%" : "kPa";
  write("rolling.quantity", inWeight ? "Load" : "Pressure");
  write("rolling.band", bandWord(rolling), rolling?.band, time);
  write("rolling.load_pct", inWeight && value !== null ? `${whole(value)} % of weight` : "", inWeight ? value : null, time);
  write("rolling.pressure_kpa", kpa === null || inWeight ? "" : `≈ ${whole(kpa)} kPa`, kpa, time);
  write("rolling.pressure_interval", value === null || u === null ? "" : `likely ${interval(value, u, 0)} ${unit}`, u, time);
  write("rolling.band_kpa", low === null || high === null ? "" : `target ${whole(low)}–${whole(high)} ${unit}`, low === null ? null : `${low} ${high}`, time);
  write("rolling.source", rolling?.source === "modelled" ? "estimated from body weight, not measured" : "", rolling?.source, time);
  write("rolling.force_n", !pressed || none(rolling?.force_n) ? "" : `${whole(rolling.force_n)} N`, rolling?.force_n, time);
  write("rolling.body_weight_pct", !pressed || inWeight || none(rolling?.body_weight_pct) ? "" : `${whole(rolling.body_weight_pct)} % of body weight`, rolling?.body_weight_pct, time);

  write("rolling.strokes", rolling ? whole(rolling.strokes) : "–", rolling?.strokes, time);
  const tempo = rolling?.tempo_s ?? null;
  write("rolling.tempo_s", tempo === null ? "–" : tempo.toFixed(1), tempo, time);
  const pace = paceOf(tempo);
  const hints = { none: "aim for 2–4 s", fast: "▲ slow down", good: "✓ good pace", slow: "▼ a bit faster" };
  write("rolling.tempo_hint", hints[pace], tempo, time);
  tempoRail.dataset.pace = pace;
  tempoRail.style.setProperty("--at", `${Math.min((tempo ?? 0) / 6, 1) * 100}%`);
};
