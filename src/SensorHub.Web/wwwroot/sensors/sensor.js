import { DeskElement } from "./desk.js";
import { LoadWizard } from "./load.js";
import { ago, battery, none, number, sentence, signed } from "./words.js";

const kinds = { imu: "Motion", load: "Load", battery: "Battery", events: "Events" };

/** The page of one sensor. */
export class SensorDetails extends DeskElement {
  get path() { return `sensors/${this.dataset.sensor}`; }

  prepare() {
    const said = this.$(".setup .said");
    const submit = (form, field, done) => this.on(form, "submit", event => {
      event.preventDefault();
      const input = this.$(`${form} input`);
      this.ask(this.$(`${form} button`), said, `${this.path}/${form.slice(1)}`, { [field]: input.value }, "", done(input.value));
    });
    submit(".rename", "name", () => "Renamed.");
    submit(".assign", "subject", subject => subject ? `It is ${subject}'s now.` : "It is whoever's uses the hub.");
    this.on(".identify", "click", event => this.ask(event.currentTarget, said, `${this.path}/identify`, null, "Asking it to blink…", "Its light blinks for ten seconds."));

    const dialog = this.$(".confirm-forget");
    this.on(".open-forget", "click", () => dialog.showModal());
    this.on(".keep", "click", () => dialog.close());
    this.on(".do-forget", "click", async () => {
      const trouble = await this.post(`${this.path}/forget`);
      dialog.close();
      if (trouble) said.textContent = trouble;
      else location.assign("sensors");
    });
    this.load = this.$(".load") ? new LoadWizard(this, this.$(".load")) : null;
  }

  ownBanners() {
    if (this.trouble) return [["sensor", this.trouble]];
    return [];
  }

  show(desk) {
    const sensor = desk.sensors.find(s => s.sensor === this.dataset.sensor);
    this.dataset.state = sensor ? "known" : "gone";
    if (!sensor) {
      this.trouble = "This sensor was forgotten.";
      this.look();
      return;
    }
    this.trouble = sensor.trouble ?? null;
    this.look();
    this.dataset.link = sensor.link;
    this.write(this, "name", sensor.name);
    this.write(this, "forget-name", sensor.name);
    this.write(this, "present", desk.subject);
    document.title = `${sensor.name} · SensorHub`;
    this.writeLink(this, sensor);
    this.write(this, "battery", battery(sensor.battery_pct)).dataset.level = sensor.battery_pct < 15 ? "low" : "ok";
    this.writeSignal(this, sensor.rssi_dbm);
    this.write(this, "firmware", sensor.firmware ?? "–");
    this.write(this, "clock", none(sensor.clock_u_ms) ? "–" : `± ${number(sensor.clock_u_ms, 1)} ms`);
    this.write(this, "drift", none(sensor.clock_drift_ppm) ? "–" : `${signed(sensor.clock_drift_ppm, 1)} ppm`);
    this.write(this, "lost", sensor.received === 0 && sensor.lost === 0 ? "–" : `${sensor.gaps} · ${sensor.lost}`);
    this.showStreams(sensor.streams);
    this.load?.show(sensor);
  }

  showStreams(streams) {
    const body = this.$(".streams tbody");
    while (body.rows.length > streams.length) body.deleteRow(-1);
    streams.forEach((stream, i) => {
      const row = body.rows[i] ?? body.insertRow();
      if (row.cells.length === 0) {
        const head = document.createElement("th");
        head.scope = "row";
        row.append(head, document.createElement("td"), document.createElement("td"));
      }
      const texts = [
        (kinds[stream.kind] ?? sentence(stream.kind)) + (stream.role && stream.role !== "core" ? `, ${stream.role} part` : ""),
        none(stream.nominal_hz) ? "when they happen" : rate(stream.nominal_hz),
        stream.nominal_hz >= 1 ? rate(stream.rate_hz) : "", // of five seconds: nothing can be said of what comes every ten
      ];
      texts.forEach((text, c) => { if (row.cells[c].textContent !== text) row.cells[c].textContent = text; });
    });
    this.$(".streams").hidden = streams.length === 0;
  }
}

/** A battery speaks every ten seconds, an IMU a hundred times a second. */
const rate = hz => hz >= 1 ? `${number(hz, hz < 10 ? 1 : 0)} Hz` : hz > 0 ? `every ${ago(1 / hz)}` : "nothing";
