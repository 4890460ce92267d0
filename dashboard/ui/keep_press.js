// A click goes from press to release on the same element. A choice that is drawn anew in between, as
// presets are when their mark changes, would lose it: the release then chooses what stands there by that
// name. A button is left alone: the next one of that name may be another thing's, as in a list.
(() => {
  if (window.computeForecastKeepsPress) return;
  window.computeForecastKeepsPress = true;

  const CHOICE = '[role="radio"]';
  let pressed;
  let name;

  addEventListener(
    "pointerdown",
    ({ target }) => {
      pressed = target.closest?.(CHOICE);
      name = pressed?.textContent;
    },
    true,
  );
  addEventListener(
    "pointerup",
    ({ clientX, clientY }) => {
      const before = pressed;
      pressed = undefined;
      if (!before || before.isConnected) return;
      const now = document.elementFromPoint(clientX, clientY)?.closest(CHOICE);
      if (now?.textContent === name) now.click();
    },
    true,
  );
})();
