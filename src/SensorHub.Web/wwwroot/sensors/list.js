import { DeskElement } from "./desk.js";
import { ago, battery, none } from "./words.js";

/** The list: the hub's own sensors, and those nearby that could become its own. */
export class SensorList extends DeskElement {
  prepare() {
    this.on(".scan", "click", () => this.ask(
      this.$(".scan"), this.$(".said"), "sensors/scan", { on: !this.desk?.scanning }, "", ""));
  }

  show(desk) {
    const empty = desk.sensors.length === 0;
    this.dataset.state = empty ? "empty" : "some";
    this.showOwn(desk.sensors);
    this.showNearby(desk);
    this.$(".scan").setAttribute("aria-pressed", String(desk.scanning));
    this.$(".scan-label").textContent = desk.scanning ? "Stop looking" : "Look for sensors";
    const state = this.$(".scan-state");
    const text = desk.scanning ? "Looking… Switch the sensor on and hold it near." : "";
    if (state.textContent !== text) state.textContent = text;
  }

  /** One element a key, in the order of the list; others go. */
  rows(host, template, list, key, fresh) {
    const rows = new Map([...host.children].map(row => [row.dataset.key, row]));
    list.forEach((item, i) => {
      let row = rows.get(key(item));
      if (!row) {
        row = this.$(template).content.firstElementChild.cloneNode(true);
        row.dataset.key = key(item);
        fresh(row, item);
      }
      rows.delete(key(item));
      if (host.children[i] !== row) host.insertBefore(row, host.children[i] ?? null);
    });
    for (const row of rows.values()) row.remove();
    return [...host.children];
  }

  showOwn(sensors) {
    const sorted = [...sensors].sort((a, b) => a.name.localeCompare(b.name) || a.sensor.localeCompare(b.sensor));
    const rows = this.rows(this.$(".sensor-cards"), ".card-template", sorted, s => s.sensor, (row, sensor) => {
      row.dataset.kind = sensor.kind;
      row.querySelector(".sensor-link").href = `sensors/${sensor.sensor}`;
    });
    sorted.forEach((sensor, i) => {
      const row = rows[i];
      row.dataset.link = sensor.link;
      this.write(row, "name", sensor.name);
      this.writeLink(row, sensor);
      this.write(row, "trouble", sensor.trouble ?? "").hidden = !sensor.trouble;
      this.write(row, "battery", battery(sensor.battery_pct)).dataset.level = sensor.battery_pct < 15 ? "low" : "ok";
      this.writeSignal(row, sensor.rssi_dbm);
      this.write(row, "subject", sensor.subject ?? "anyone");
    });
  }

  showNearby(desk) {
    const sorted = [...desk.nearby].sort((a, b) => a.handle.localeCompare(b.handle)); // rows that jump cannot be pressed
    const rows = this.rows(this.$(".nearby-list"), ".nearby-template", sorted, s => s.handle, (row, sensor) => {
      const path = `sensors/nearby/${encodeURIComponent(sensor.handle)}`;
      const said = this.$(".said");
      row.querySelector(".look").addEventListener("click", event => this.ask(event.currentTarget, said, `${path}/look`, null, `Asking ${row.dataset.name} who it is…`, ""));
      row.querySelector(".add").addEventListener("click", event => this.ask(event.currentTarget, said, `${path}/add`, null, `Adding ${row.dataset.name}…`, `${row.dataset.name} was added.`));
    });
    sorted.forEach((sensor, i) => {
      const row = rows[i];
      row.dataset.name = sensor.name;
      row.dataset.kind = sensor.name.includes("Clip") ? "clip" : "roller";
      this.write(row, "name", sensor.name);
      const heard = this.secondsSince(sensor.last_heard);
      const details = [sensor.sensor, none(sensor.battery_pct) ? null : `battery ${battery(sensor.battery_pct)}`, sensor.firmware ? `firmware ${sensor.firmware}` : null, heard < 3 ? null : `heard ${ago(heard)} ago`];
      this.write(row, "details", details.filter(d => d).join(" · "));
      this.writeSignal(row, sensor.rssi_dbm);
      row.querySelector(".look").hidden = !none(sensor.sensor);
      row.querySelector(".look").setAttribute("aria-label", `Look who ${sensor.name} is`);
      row.querySelector(".add").setAttribute("aria-label", `Add ${sensor.name}`);
      row.dataset.busy = String(sensor.busy);
    });
    if (desk.scanning && sorted.length === 0) this.$(".nearby-list").dataset.waiting = "true";
    else delete this.$(".nearby-list").dataset.waiting;
  }
}

