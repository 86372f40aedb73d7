import { sentence } from "../live/format.js";

const numbers = ["sets", "set_duration_s", "lower_body_weight_percent", "upper_body_weight_percent", "stroke_duration_s", "rest_s"];
const standard = { stroke_duration_s: 3, rest_s: 30 };

/** The plan's form: rows of muscles, from what is set or from a template; what it has become is checked and kept by the server. */
export class PlanForm {
  constructor(form, template, post) {
    Object.assign(this, { form, template, post, list: form.querySelector(".plan-items"), told: form.querySelector(".plan-said") });
    form.addEventListener("click", event => this.click(event));
    form.addEventListener("change", event => this.change(event));
    form.addEventListener("submit", event => this.save(event));
    if (form.dataset.plan) this.fill(JSON.parse(form.dataset.plan));
  }

  fill(plan) {
    this.id = plan.id;
    this.form.elements.name.value = plan.name;
    this.form.elements.order.value = plan.order ?? "none";
    this.form.elements.unlocked.checked = plan.unlocked === true;
    this.list.replaceChildren();
    for (const item of plan.items) this.add(item);
  }

  add(item) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    const field = name => row.querySelector(`[name="${name}"]`);
    if (item) for (const [name, value] of Object.entries(item)) if (field(name)) field(name).value = value;
    this.list.append(row);
    if (!item) this.dose(row);
    this.title();
    return row;
  }

  /** The default dose of the row's muscle. */
  dose(row) {
    const target = row.querySelector("[name=muscle]").selectedOptions[0].dataset.target;
    if (!target) return;
    const values = { ...standard };
    target.split(" ").forEach((value, n) => { values[numbers[n]] = value; });
    for (const name of numbers) row.querySelector(`[name="${name}"]`).value = values[name];
  }

  title() {
    [...this.list.children].forEach((row, n) => {
      row.querySelector("legend").textContent = `${n + 1}. ${sentence(row.querySelector("[name=muscle]").value)}`;
    });
  }

  click(event) {
    const button = event.target.closest("button[type=button]");
    if (!button) return;
    if (button.dataset.template) this.fill(JSON.parse(button.dataset.template));
    else if (button.matches(".add-item")) this.add().querySelector("select").focus();
    else {
      const row = button.closest("li");
      if (button.matches(".remove-item")) row.remove();
      else if (button.matches(".up-item")) {
        row.previousElementSibling?.before(row);
        button.focus();
      }
      this.title();
    }
  }

  change(event) {
    if (event.target.name !== "muscle") return;
    this.dose(event.target.closest("li"));
    this.title();
  }

  async save(event) {
    event.preventDefault();
    const items = [...this.list.children].map(row => {
      const item = { muscle: row.querySelector("[name=muscle]").value, side: row.querySelector("[name=side]").value };
      for (const name of numbers) item[name] = Number(row.querySelector(`[name="${name}"]`).value);
      return item;
    });
    const { name, order, unlocked } = this.form.elements;
    const failed = await this.post("plan", { schema: "plan/1", id: this.id ?? "plan", name: name.value.trim(), order: order.value, unlocked: unlocked.checked, items });
    this.told.dataset.outcome = failed ? "failed" : "done";
    this.told.textContent = failed ?? "This is their plan now.";
  }
}
