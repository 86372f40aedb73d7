// Theme and far view: kept in this browser, applied before the first paint (a classic script in the head, so nothing flashes).
(() => {
  const root = document.documentElement;
  const read = name => { try { return localStorage.getItem(`sensorhub.${name}`); } catch { return null; } };
  const keep = (name, value) => { try { localStorage.setItem(`sensorhub.${name}`, value); } catch { /* private window: for this page only */ } };

  root.dataset.theme = ["light", "dark"].includes(read("theme")) ? read("theme") : "auto";
  root.dataset.far = read("far") === "true" ? "true" : "false";

  const showChoices = () => {
    for (const radio of document.querySelectorAll("[data-preference=theme]"))
      radio.checked = radio.value === root.dataset.theme;
    document.querySelector("[data-preference=far]")?.setAttribute("aria-pressed", root.dataset.far);
  };
  document.addEventListener("DOMContentLoaded", showChoices);

  document.addEventListener("change", event => {
    if (event.target.dataset.preference !== "theme") return;
    root.dataset.theme = event.target.value;
    keep("theme", event.target.value);
  });
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-preference=far]");
    if (!button) return;
    root.dataset.far = root.dataset.far === "true" ? "false" : "true";
    keep("far", root.dataset.far);
    showChoices();
  });
})();
