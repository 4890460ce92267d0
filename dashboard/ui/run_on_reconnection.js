// A move that is made in the moment in which the connection goes stays in the browser, and what of an
// answer was under way then is lost: the page would show one thing in its controls and another below
// them, or stay without what it had begun to draw. So once the connection is back, and no run is under
// way, the page is run anew with all that its controls hold.
(() => {
  if (window.computeForecastRunsOnReconnection) return;
  window.computeForecastRunsOnReconnection = true;

  const APP = '[data-testid="stApp"]';
  const LOOK_MS = 100;
  let wasConnected = false;
  let isLost = false;

  setInterval(() => {
    const app = document.querySelector(APP)?.dataset;
    if (!app) return;
    const isConnected = app.testConnectionState === "CONNECTED";
    if (wasConnected && !isConnected) isLost = true;
    wasConnected ||= isConnected;
    if (!isLost || !isConnected || app.testScriptState !== "notRunning") return;
    isLost = false;
    // What Streamlit takes from the page that it is embedded in, which of a page by itself is the page.
    window.postMessage({ stCommVersion: 1, type: "RERUN_SCRIPT" }, location.origin);
  }, LOOK_MS);
})();
