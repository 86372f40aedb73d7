const key = "sensorhub.speech";
let choice = null; // where nothing can be kept: for this page only

const kept = () => { try { return localStorage.getItem(key); } catch { return choice; } };

/** The browser's own voice, on until it is switched off; the choice stays in this browser. */
export const speech = {
  get on() { return kept() !== "off"; },
  set on(value) {
    choice = value ? "on" : "off";
    try { localStorage.setItem(key, choice); } catch { /* private window */ }
    if (!value) window.speechSynthesis?.cancel();
  },

  /** One thing at a time: what is new cuts off what is old. */
  say(text) {
    if (!this.on || !text || !window.speechSynthesis) return;
    window.speechSynthesis.cancel();
    const words = new SpeechSynthesisUtterance(text);
    words.lang = "en";
    window.speechSynthesis.speak(words);
  },
};

/** A button that is pressed while the voice is on. */
export const speechSwitch = (button, signal) => {
  const show = () => {
    button.setAttribute("aria-pressed", speech.on);
    button.hidden = !window.speechSynthesis;
  };
  button.addEventListener("click", () => { speech.on = !speech.on; show(); }, { signal });
  show();
};
