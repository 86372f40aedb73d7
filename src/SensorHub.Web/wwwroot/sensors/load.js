import { none, number, signed } from "./words.js";

const gravity = 9.80665;

const verdicts = {
  good: "Good: the roller can be trusted with these.",
  no_load: "The cells hardly felt the weight. Put it on the roller itself, let it touch nothing else, and start again.",
  unlikely: "That would change the cells more than they can be wrong. Is the weight right, and in kilograms? Start again.",
  too_light: "Too light for a sure result. Start again with 10 kg or more.",
  disagree: "The weighings contradict one another. Is the floor even, and did the weight touch only the roller? Start again.",
};

/** The calibration of a roller's load cells: zero, known weights, keep, check. */
export class LoadWizard {
  constructor(page, host) {
    Object.assign(this, { page, host });
    this.$ = selector => host.querySelector(selector);
    const path = `${page.path}/load`;
    page.on(".load .zero", "click", event => page.ask(event.currentTarget, this.$(".zero-said"), `${path}/zero`, null, "Measuring for half a second…", ""));
    page.on(".load .weigh", "submit", event => {
      event.preventDefault();
      const place = this.$("[name=place]").value;
      const body = { weight_kg: this.$("[name=weight]").valueAsNumber, ...place === "" ? {} : { cell: Number(place) } };
      page.ask(this.$(".weigh button"), this.$(".weigh-said"), `${path}/weigh`, body, "Measuring: do not touch it…", "");
    });
    page.on(".load .keep-gains", "click", event => page.ask(event.currentTarget, this.$(".keep-said"), `${path}/keep`, null, "Telling the roller…",
      "Kept in the roller. Weigh again to check it."));
    page.on(".load .drop", "click", event => {
      this.$(".weigh-said").textContent = "";
      page.ask(event.currentTarget, this.$(".keep-said"), `${path}/drop`, null, "", "");
    });
  }

  show({ load, link }) {
    this.host.hidden = !load; // a roller without load cells, or one that has not said yet what it has
    if (!load) return;
    this.host.dataset.step = none(load.zeroed_n) && load.placements.length === 0 ? "zero" : load.placements.length === 0 ? "weigh" : "keep";
    this.page.write(this.host, "force", none(load.force_n) ? "–" : number(load.force_n, 0));
    this.page.write(this.host, "force-kg", none(load.force_n) ? "" : `as ${number(load.force_n / gravity, 1)} kg would weigh`);
    this.showCells(load);
    this.showPlaces(load.gains.length);
    if (!none(load.zeroed_n)) {
      const text = `Zero is set: it took away ${number(Math.abs(load.zeroed_n), 1)} N.`;
      const said = this.$(".zero-said");
      if (this.zeroed !== load.zeroed_n) said.textContent = text;
      this.zeroed = load.zeroed_n;
    }
    for (const button of this.host.querySelectorAll(".zero, .weigh button")) button.disabled = link !== "streaming" || load.weighing;
    this.showPlacements(load);
    this.showResult(load, link);
  }

  showCells({ gains, cells_n: cells }) {
    const host = this.$(".cell-bars");
    while (host.children.length > gains.length) host.lastChild.remove();
    gains.forEach((gain, i) => {
      let bar = host.children[i];
      if (!bar) {
        bar = document.createElement("li");
        bar.innerHTML = '<span class="cell-name"></span><span class="cell-bar" aria-hidden="true"><i></i></span><span class="cell-force"></span>';
        host.append(bar);
      }
      bar.children[0].textContent = `Cell ${gain.cell + 1}`;
      const force = cells[i];
      bar.children[1].firstChild.style.width = `${Math.min(100, Math.max(0, (force ?? 0) / 3))}%`;
      const text = none(force) ? "–" : `${number(force, 0)} N`;
      if (bar.children[2].textContent !== text) bar.children[2].textContent = text;
    });
  }

  showPlaces(cells) {
    const select = this.$("[name=place]");
    if (select.options.length === cells + 1 || cells < 2) return;
    while (select.options.length > 1) select.remove(1);
    for (let i = 0; i < cells; i++) select.add(new Option(`over cell ${i + 1}`, String(i)));
  }

  showPlacements({ placements, result, gains }) {
    this.fill(".placements tbody", placements.map(p => [
      none(p.cell) ? "in the middle" : `over cell ${p.cell + 1}`,
      `${number(p.weight_kg, 2)} kg`,
      `${number(p.force_n / gravity, 2)} kg`,
      `${signed((p.force_n / p.weight_n - 1) * 100, 1)} %`,
    ]));
    this.$(".placements-box").hidden = placements.length === 0;
    const hint = !result || gains.length < 2 ? "" : result.per_cell ? "The cells are told apart: each gets a gain of its own." :
      "So far only the sum of the cells is seen: all get the same factor. Weigh also over each cell in turn, and each gets its own.";
    if (this.$(".more-placements").textContent !== hint) this.$(".more-placements").textContent = hint;
  }

  showResult({ result, gains, gains_before: before, check, weighing }, link) {
    const verdict = this.$(".verdict");
    let text = "First weigh something.", kind = "none";
    if (result) {
      text = verdicts[result.verdict] + (result.verdict === "good" ? ` The force is then right within ± ${number(2 * result.uncertainty_pct, 1)} %.` : "");
      kind = result.verdict === "good" ? "good" : "bad";
    } else if (check) {
      text = `${number(check.weight_kg, 2)} kg is weighed as ${number(check.force_n / gravity, 2)} kg, ${signed((check.force_n / check.weight_n - 1) * 100, 1)} %: ` +
        (check.agrees ? "right within what is stated." : "more than stated. Set zero and calibrate again.");
      kind = check.agrees ? "good" : "bad";
    } else if (before) {
      text = "New gains are kept. Weigh a known weight again to check them.";
    }
    if (verdict.textContent !== text) verdict.textContent = text;
    verdict.dataset.verdict = kind;
    const old = result ? gains : before;
    const rows = !old ? [] : gains.map((gain, i) => {
      const was = old[i]?.gain_n ?? gain.gain_n;
      const will = result ? gain.gain_n * result.factors[i] : gain.gain_n;
      return [`Cell ${gain.cell + 1}`, number(was * 1000, 3), number(will * 1000, 3), `${signed((will / was - 1) * 100, 1)} %`];
    });
    this.fill(".gains tbody", rows);
    this.$(".gains-box").hidden = rows.length === 0;
    this.$(".keep-gains").disabled = result?.verdict !== "good" || weighing || link !== "streaming";
    this.$(".drop").disabled = !result;
  }

  fill(selector, rows) {
    const body = this.$(selector);
    const key = rows.map(r => r.join("|")).join("\n");
    if (body.dataset.key === key) return;
    body.dataset.key = key;
    body.replaceChildren(...rows.map(texts => {
      const row = document.createElement("tr");
      texts.forEach((text, i) => {
        const cell = document.createElement(i === 0 ? "th" : "td");
        if (i === 0) cell.scope = "row";
        cell.textContent = text;
        row.append(cell);
      });
      return row;
    }));
  }
}
