const holds = 1.5; // s that a value must last before it is said

/** Says what has changed to whoever listens to the page: what changes rarely, and once it has lasted; not the numbers. */
export class Announcer {
  /** @param host The live region. */
  constructor(host) {
    this.host = host;
    this.clear();
  }

  /** What comes next is where it all began: nothing that has changed. */
  clear() {
    this.known = new Map();
  }

  /** @param now s. @param values [what, value, text] each; without a value there is nothing to say of it. What is due is said together. */
  look(now, ...values) {
    const news = values.filter(([what, value]) => this.due(now, what, value)).map(([, , text]) => text);
    if (news.length) this.host.textContent = news.join(". ");
  }

  due(now, what, value) {
    if (!value) return false;
    if (!this.known.has(what)) this.known.set(what, { value, since: now, told: value });
    const last = this.known.get(what);
    if (last.value !== value) Object.assign(last, { value, since: now });
    if (last.told === value || now - last.since < holds) return false;
    last.told = value;
    return true;
  }
}
