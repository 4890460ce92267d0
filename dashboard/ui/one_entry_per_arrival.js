// Arriving on a page makes one entry of the history. Streamlit puts the page's address there, and the
// run that follows the address in full (the scenario as it was left, the law in use, a link in its
// newest form): written as an entry of its own, Back would lead from the page to itself. The reader's
// moves make an entry each, as before.
(() => {
  if (window.computeForecastKeepsOneEntry) return;
  window.computeForecastKeepsOneEntry = true;

  let hasArrived = true;
  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) => {
    const isSamePage = new URL(address, location.href).pathname === location.pathname;
    if (isSamePage && hasArrived) {
      history.replaceState(state, title, address);
      return;
    }
    push(state, title, address);
    hasArrived = !isSamePage;
  };
  for (const type of ["pointerdown", "keydown", "input", "change"]) {
    addEventListener(
      type,
      () => {
        hasArrived = false;
      },
      { capture: true, passive: true },
    );
  }
})();
