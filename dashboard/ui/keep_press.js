// A click goes from press to release on the same element. One that is drawn anew in between, as presets
// are when their mark changes, would lose it: the release then presses what stands there by that name.
(() => {
  if (window.computeForecastKeepsPress) return;
  window.computeForecastKeepsPress = true;

  const PRESSABLE = '[role="radio"], button';
  let pressed;
  let name;

  addEventListener(
    "pointerdown",
    ({ target }) => {
      pressed = target.closest?.(PRESSABLE);
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
      const now = document.elementFromPoint(clientX, clientY)?.closest(PRESSABLE);
      if (now?.textContent === name) now.click();
    },
    true,
  );
})();
