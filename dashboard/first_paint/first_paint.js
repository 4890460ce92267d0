// Gives way to the live page once that stands: in one frame, at the same scroll position. The chart's
// picture goes on in the live chart's place until that is drawn.
(() => {
  const shown = document.getElementById("first-paint");
  const root = document.getElementById("root");
  const MOST_AFTER_MS = 3000;
  let ended;

  const find = (name) => root.querySelector(`[data-testid="${name}"]`);
  const chart = () => root.querySelector(".chart");

  function stands() {
    if (!find("stMainBlockContainer")?.querySelector("h1, .stAlert, .chart")) return false;
    const isRunning = find("stApp").dataset.testScriptState !== "notRunning";
    if (!isRunning) ended ??= performance.now();
    // What has not come by then, such as a script that can't be loaded, says so in the live page.
    if (ended !== undefined && performance.now() - ended > MOST_AFTER_MS) return true;
    if (find("stSkeleton") || document.fonts.status === "loading") return false;
    if (document.querySelector('link[rel="stylesheet"][media="print"]')) return false;
    return shown.querySelector("figure") ? chart()?.clientHeight > 0 : !isRunning;
  }

  function giveWay() {
    observer.disconnect();
    clearInterval(asked);
    const picture = shown.querySelector(".first-paint-chart");
    if (picture && chart() && !chart().dataset.drawn) {
      picture.style.cssText += "position:absolute;inset:0;pointer-events:none";
      chart().style.position = "relative";
      chart().append(picture);
    }
    const main = find("stMain");
    if (main) main.scrollTop = shown.scrollTop;
    shown.remove();
    document.documentElement.classList.remove("first-paint");
    performance.mark("live page");
  }

  function look() {
    if (stands()) giveWay();
  }

  let isAsked = false;
  const observer = new MutationObserver(() => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      if (shown.isConnected) look();
    });
  });
  observer.observe(root, { childList: true, subtree: true, attributes: true });
  const asked = setInterval(look, 500);
})();
