// Back and forward return to where the reader was. The page scrolls in a box of its own, which
// browsers do not bring back, and whose contents come after the address has changed.
(() => {
  const BOX = '[data-testid="stMain"]';
  const RUNNING = '[data-test-script-state="running"]';
  const KEY = "compute-forecast-scroll";
  const PATIENT_MS = 60000;
  const STEADY_MS = 1500;
  const LEAVING_MS = 10000;
  const MAX_ADDRESSES = 50;
  if (window.computeForecastKeepsScroll) return;
  window.computeForecastKeepsScroll = true;

  let places = {};
  try {
    places = JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    // A storage that is closed, or not ours: begin anew.
  }
  let stopReturning;
  // The address that the reader leaves by a link: the page may scroll to its top before it changes.
  let leaving;

  function note(top) {
    delete places[location.href];
    places[location.href] = top;
    for (const oldest of Object.keys(places).slice(0, -MAX_ADDRESSES)) delete places[oldest];
  }

  function save() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(places));
    } catch {
      // Without a storage the places last as long as the document.
    }
  }

  // The page before stays until the one returned to comes, whose contents grow while it is drawn:
  // scroll again until it has been drawn and steady for a while, or the reader scrolls.
  function returnTo(top) {
    stopReturning?.();
    const began = performance.now();
    let hasRun = false;
    let steadySince = null;
    const turn = setInterval(() => {
      const now = performance.now();
      const isRunning = document.querySelector(RUNNING) !== null;
      hasRun ||= isRunning;
      const box = document.querySelector(BOX);
      if (box && Math.abs(box.scrollTop - top) > 1) {
        box.scrollTop = top;
        steadySince = null;
      }
      const isThere = hasRun && !isRunning && box && Math.abs(box.scrollTop - top) <= 1;
      if (!isThere) steadySince = null;
      else steadySince ??= now;
      if (now - began > PATIENT_MS || (isThere && now - steadySince > STEADY_MS)) stopReturning();
    }, 100);
    stopReturning = () => {
      clearInterval(turn);
      stopReturning = undefined;
    };
  }

  document.addEventListener(
    "scroll",
    ({ target }) => {
      if (!stopReturning && location.href !== leaving && target.matches?.(BOX)) {
        note(target.scrollTop);
      }
    },
    { capture: true, passive: true },
  );
  for (const type of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(type, () => stopReturning?.(), { capture: true, passive: true });
  }
  document.addEventListener(
    "click",
    ({ target }) => {
      const link = target.closest?.("a[href]");
      if (!link || new URL(link.href).pathname === location.pathname) return;
      leaving = location.href;
      setTimeout(() => {
        leaving = undefined;
      }, LEAVING_MS);
    },
    { capture: true },
  );
  addEventListener("pagehide", save);
  addEventListener("popstate", () => returnTo(places[location.href] ?? 0));
  const [opened] = performance.getEntriesByType("navigation");
  if (["back_forward", "reload"].includes(opened?.type) && places[location.href]) {
    returnTo(places[location.href]);
  }
})();
