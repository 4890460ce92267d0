// A quantity that has been typed gets a new field, whose text is the value in full. After Enter the
// focus goes with it, unless it has been taken elsewhere meanwhile.
(() => {
  const FIELD = '[class*="st-key-quantity-"] input[type="text"]';
  if (window.computeForecastKeepsFocus) return;
  window.computeForecastKeepsFocus = true;
  let watching;
  document.addEventListener("keydown", ({ key, target }) => {
    if (key !== "Enter" || !target.matches?.(FIELD)) return;
    const box = target.closest('[class*="st-key-quantity-"]');
    const name = [...box.classList].find((each) => each.startsWith("st-key-quantity-"));
    watching?.disconnect();
    watching = new MutationObserver((_, observer) => {
      if (document.activeElement === target) return;
      const field = document.querySelector(`.${CSS.escape(name)} input[type="text"]`);
      if (document.activeElement !== document.body) {
        observer.disconnect();
      } else if (field && field !== target) {
        observer.disconnect();
        field.focus({ preventScroll: true });
      }
    });
    watching.observe(document.body, { childList: true, subtree: true });
  });
})();
