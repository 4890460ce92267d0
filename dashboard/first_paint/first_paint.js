// Gives way to the live page once that stands: in one frame, at the same scroll position. The chart's
// picture goes on in the live chart's place until that is drawn. `computeForecastLive` resolves then.
(() => {
  const shown = document.getElementById("first-paint");
  const root = document.getElementById("root");
  const MAX_AFTER_MS = 3000;
  const STILL_MS = 80;
  const MAX_UNPAINTED_MS = 400;
  let ended;
  let place;
  let stillSince;
  let tellLive;
  window.computeForecastLive = new Promise((resolve) => {
    tellLive = resolve;
  });

  const find = (name) => root.querySelector(`[data-testid="${name}"]`);
  const chart = () => root.querySelector(".chart");
  // Where the first part of the page ends: its run waits there for us; see rest_of_page.py.
  const end = () => root.querySelector(".chart, .first-part-ends");

  function stands() {
    if (!find("stMainBlockContainer")?.querySelector("h1, .stAlert, .chart")) return false;
    const isRunning = find("stApp").dataset.testScriptState !== "notRunning";
    if (!isRunning) ended ??= performance.now();
    // What has not come by then, such as a script that can't be loaded, says so in the live page.
    if (ended !== undefined && performance.now() - ended > MAX_AFTER_MS) return true;
    if (isAwaited() || !hasLetters()) return false;
    if (!isStill()) return false;
    return end() || shown.querySelector("figure") ? end()?.clientHeight > 0 : !isRunning;
  }

  // Whether a script is still awaited for something of the first part; what stands below it moves
  // nothing, and is seen later.
  function isAwaited() {
    const last = end();
    return [...root.querySelectorAll('[data-testid="stSkeleton"]')].some(
      (each) => !last || last.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_PRECEDING,
    );
  }

  // Without its fonts the live page breaks its lines elsewhere; icons are words until theirs is there.
  function hasLetters() {
    const icons = [...document.fonts].filter(({ family }) => family.includes("Material Symbols"));
    return document.fonts.status !== "loading" && icons.every(({ status }) => status === "loaded");
  }

  // Whether the end of the first part, or of the page, has kept its place for a moment.
  function isStill() {
    const now = performance.now();
    const last = end() ?? find("stMainBlockContainer");
    const at = `${last.getBoundingClientRect().top} ${last.scrollHeight}`;
    if (at !== place) {
      place = at;
      stillSince = now;
    }
    if (now - stillSince >= STILL_MS) return true;
    setTimeout(look, STILL_MS);
    return false;
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
    // Of a chart further down, which is drawn when the reader comes near.
    ask("prefetch");
    document.documentElement.classList.remove("first-paint");
    performance.mark("live page");
    tellLive();
  }

  function look() {
    if (shown.isConnected && stands()) giveWay();
  }

  let isAsked = false;
  const observer = new MutationObserver(() => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      look();
    });
  });
  function ask(rel) {
    for (const link of document.querySelectorAll(`link[data-rel="${rel}"]`)) link.rel = rel;
  }

  // What the live page needs takes network and processor: not before these words are painted. A page
  // that is not seen paints nothing, and does not wait.
  function begin() {
    const live = document.getElementById("live-page");
    if (!live) return;
    ask("modulepreload");
    const script = document.createElement("script");
    script.type = "module";
    script.crossOrigin = "anonymous";
    script.src = live.href;
    live.removeAttribute("id");
    document.head.append(script);
  }
  requestAnimationFrame(() => setTimeout(begin));
  setTimeout(begin, MAX_UNPAINTED_MS);
  observer.observe(root, { childList: true, subtree: true, attributes: true });
  const asked = setInterval(look, 500);
})();
