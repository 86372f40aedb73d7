import { duration } from "../live/format.js";
import { Follower, nameOf } from "../live/follower.js";
import { speech } from "../live/speech.js";

const keysChoice = "sensorhub.study.keys";
const marked = ["study_joined", "task_began", "task_ended", "marked"];
const two = number => String(number).padStart(2, "0");

/** Leads a visit of a study: begins and ends its tasks and marks what happens, by page or by single keys; shows what the hub has taken. */
class SensorHubStudy extends Follower {
  prepare() {
    this.model = JSON.parse(this.dataset.model);
    this.log = new Map();
    this.choose();
    this.on("#study-choice", "change", () => this.fillChoice());
    this.on(".begin-visit", "click", () => this.beginVisit());
    this.on(".end-task", "click", () => this.endTask());
    this.on(".end-session", "click", () => this.session && this.command({ command: "end_session", session: this.session.session }));
    this.on(".mark", "submit", event => { event.preventDefault(); this.mark(); });
    this.on(".tasks", "click", event => {
      const button = event.target.closest("[data-task]");
      if (button) this.beginTask(button.dataset.task);
    });
    this.keysSwitch();
    addEventListener("keydown", event => this.key(event), { signal: this.abort.signal });
  }

  command(command) { return this.send(command, `study/command${this.dataset.query}`); }

  // ---- keys

  get keys() { try { return localStorage.getItem(keysChoice) !== "off"; } catch { return true; } }

  keysSwitch() {
    const button = this.$(".keys-switch");
    const show = () => button.setAttribute("aria-pressed", this.keys);
    this.on(".keys-switch", "click", () => {
      try { localStorage.setItem(keysChoice, this.keys ? "off" : "on"); } catch { /* private window */ }
      show();
    });
    show();
  }

  key(event) {
    if (!this.keys || !this.isOn() || event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select, textarea")) return;
    const task = this.study?.tasks[Number(event.key) - 1];
    if (task) this.beginTask(task.task);
    else if (event.key === "e") this.endTask();
    else if (event.key === "m") this.mark();
    else return;
    event.preventDefault();
  }

  // ---- what the stream says

  began(subject) {
    this.subject = subject;
    this.logged = null; // what was marked while nothing came is asked for
  }

  take(kind, payload) {
    if (kind !== "session") return;
    if (payload.session !== this.logged) {
      if (this.logOf !== payload.session) this.log.clear();
      this.logged = this.logOf = payload.session;
      this.fill(payload.session);
    }
    if (marked.includes(payload.event)) this.enter(payload);
    if (payload.task !== this.task || payload.run !== this.run) {
      this.task = payload.event === "task_ended" ? undefined : payload.task;
      this.run = payload.run;
      this.since = this.task ? this.startOf(payload) : null;
    }
    if (payload.event === "task_ended") this.task = this.since = undefined;
  }

  /** When the task began: as the log has it, or as soon as it was seen. */
  startOf(payload) {
    if (payload.event === "task_began") return Date.parse(payload.time);
    return [...this.log.values()].reverse().find(e => e.event === "task_began" && e.task === payload.task && e.run === payload.run)?.at ?? null;
  }

  /** What was marked before this page was opened. */
  async fill(session, tries = 5) {
    try {
      const response = await fetch(`study/log${this.dataset.query}${this.dataset.query ? "&" : "?"}session=${session}`, { signal: this.abort.signal });
      if (!response.ok || session !== this.logged) return;
      (await response.json()).forEach(entry => this.enter(entry));
      if (this.task && !this.since) this.since = this.startOf({ task: this.task, run: this.run });
      // A store is a moment behind.
      if (this.task && !this.since && tries > 0) setTimeout(() => session === this.logged && this.fill(session, tries - 1), 1000);
      this.soon();
    } catch { /* as of now, then */ }
  }

  enter({ time, event, task, run, label, value, visit }) {
    this.log.set(`${time}/${event}`, { at: Date.parse(time), event, task, run, label, value, visit });
  }

  // ---- what the person wants

  async beginVisit() {
    const [study, participant] = this.chosen();
    if (!study || !participant) return;
    const visit = this.$("#visit-choice").value || null;
    const now = new Date();
    const name = [participant.participant, visit, `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`].filter(Boolean).join("-");
    if (this.isOn() && this.subject !== participant.subject) {
      this.tell("Another person's session is on. End it first.");
      return;
    }
    if (!this.isOn() && !await this.command({ command: "begin_session", session: name.slice(-40).replace(/^-+/, ""), subject: participant.subject })) return;
    await this.command({
      command: "join_study", study: study.study, protocol: study.protocol, participant: participant.participant,
      ...visit && { visit }, ...participant.arm && { arm: participant.arm },
    });
  }

  beginTask(task) {
    speech.say(this.study?.tasks.find(t => t.task === task)?.instruction);
    return this.command({ command: "begin_task", task, run: this.done(task) + 1 });
  }

  endTask() { return this.task && this.command({ command: "end_task", task: this.task }); }

  mark() {
    const form = this.$(".mark");
    if (!form.reportValidity()) return;
    const value = form.elements.value.value;
    return this.command({ command: "mark", label: form.elements.label.value, ...value !== "" && { value: Number(value) } });
  }

  // ---- the choice

  chosen() {
    const study = this.model.find(s => s.study === this.$("#study-choice").value);
    return [study, study?.participants.find(p => p.participant === this.$("#participant-choice").value)];
  }

  choose() {
    this.options("#study-choice", this.model.map(s => [s.study, s.name]));
    this.fillChoice();
  }

  fillChoice() {
    const study = this.model.find(s => s.study === this.$("#study-choice").value);
    this.options("#participant-choice", (study?.participants ?? []).map(p => [p.participant, p.arm ? `${p.participant}, ${p.arm}` : p.participant]));
    this.options("#visit-choice", (study?.visits ?? []).map(v => [v, v]));
    this.$(".visit-field").hidden = !study?.visits.length;
  }

  options(selector, choices) {
    this.$(selector).replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
  }

  // ---- the page

  isOn() { return !!this.session && this.session.event !== "ended"; }

  /** How often a task was begun in this session. */
  done(task) { return [...this.log.values()].filter(e => e.event === "task_began" && e.task === task).length; }

  show() {
    const joined = this.isOn() && this.session.study;
    this.study = joined ? this.model.find(s => s.study === this.session.study) : null;
    const participant = this.study?.participants.find(p => p.subject === this.subject);
    const showing = (selector, visible) => { this.$(selector).hidden = !visible; };
    showing(".begin", this.model.length > 0 && !joined);
    showing(".running", !!this.study);
    showing(".nothing", this.model.length === 0 || joined && !this.study);
    this.$(".nothing").textContent = this.model.length === 0
      ? `${this.dataset.asked ?? "Nobody here"} takes part in no study. 'sensorhub study add FILE' plans one.`
      : "The session that is on is of a study that is not planned here.";
    this.$(".begin-visit").textContent = this.isOn() ? "This session is the visit" : "Begin the session";
    this.write("study.name", this.study?.name ?? "Study");
    this.write("study.line", this.study ? [participant?.participant, participant?.arm, this.session.visit, `protocol ${this.study.protocol}`].filter(Boolean).join(" · ") : "");
    if (!this.study) return;
    this.showNow();
    this.showTasks();
    this.showLog();
  }

  showNow() {
    const task = this.study.tasks.find(t => t.task === this.task);
    this.write("study.task", this.task ? `${task?.name ?? this.task}${this.run > 1 || task?.runs > 1 ? `, ${this.run} of ${task?.runs ?? this.run}` : ""}` : "No task", this.task, null);
    this.write("study.instruction", task?.instruction ?? (this.task ? "" : "Begin one below, or with its number."));
    const gone = this.task && this.since ? Math.max(0, (Date.parse(this.session.time) - this.since) / 1000) : null;
    const left = gone !== null && task?.duration_s ? task.duration_s - gone : null;
    this.write("study.time", gone === null ? "" : left === null ? duration(Math.round(gone)) : left > 0 ? `${duration(Math.round(left))} left` : `${duration(gone)}: its time is over`, gone, this.session.time);
    this.$(".end-task").hidden = !this.task;
    if (left !== null && left <= 0 && this.over !== `${this.task}/${this.run}`) {
      this.over = `${this.task}/${this.run}`;
      speech.say("Done.");
      navigator.vibrate?.([250]);
      this.endTask();
    }
  }

  showTasks() {
    const rows = this.study.tasks.map((task, i) => ({ ...task, key: i < 9 ? i + 1 : null, done: this.done(task.task), now: task.task === this.task }));
    const key = JSON.stringify(rows);
    const list = this.$(".tasks");
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    const focused = document.activeElement?.dataset?.task;
    list.replaceChildren(...rows.map(row => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.task = row.task;
      if (row.now) button.setAttribute("aria-current", "step");
      const name = document.createElement("span");
      name.textContent = row.name;
      const count = document.createElement("span");
      count.className = "count";
      count.textContent = `${row.done} of ${row.runs}${row.done >= row.runs ? " ✓" : ""}`;
      const dose = document.createElement("span");
      dose.className = "dose";
      dose.textContent = row.duration_s ? duration(row.duration_s) : "";
      button.append(...row.key ? [Object.assign(document.createElement("kbd"), { textContent: row.key })] : [], name, dose, count);
      item.append(button);
      return item;
    }));
    if (focused) list.querySelector(`[data-task="${focused}"]`)?.focus();
  }

  showLog() {
    const entries = [...this.log.values()].filter(e => e.event !== "study_joined").sort((a, b) => b.at - a.at);
    const list = this.$(".log");
    const key = entries.map(e => `${e.at}${e.event}`).join();
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    const begin = Date.parse(this.session.time) - 1000 * this.session.duration_s;
    const named = task => this.study.tasks.find(t => t.task === task)?.name ?? task;
    list.replaceChildren(...entries.map(entry => {
      const item = document.createElement("li");
      const time = document.createElement("span");
      time.className = "log-time";
      time.textContent = duration((entry.at - begin) / 1000);
      const text = document.createElement("span");
      text.textContent = entry.event === "marked" ? `${entry.label}${entry.value === undefined || entry.value === null ? "" : ` ${entry.value}`}`
        : `${named(entry.task)}${entry.run > 1 ? `, ${entry.run}` : ""} ${entry.event === "task_began" ? "began" : "ended"}`;
      item.append(time, text);
      return item;
    }));
  }

  ownBanners() {
    const lost = this.lostOf("clip") ?? this.lostOf("roller");
    return lost ? [["lost", `${nameOf(lost)} lost its link. Bring it closer or check its battery; it goes on by itself.`]] : [];
  }
}

customElements.define("sensorhub-study", SensorHubStudy);
