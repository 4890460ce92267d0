// What Streamlit leaves out for those who use a keyboard or a phone: what scrolls sideways can be
// reached by keyboard, and the strip of pages marks and shows the one in view.
(() => {
  if (window.computeForecastWithinReach) return;
  window.computeForecastWithinReach = true;
  let waiting = false;
  let marked;

  function reachTables() {
    for (const box of document.querySelectorAll(".stTable div:has(> table)")) {
      if (box.scrollWidth > box.clientWidth) {
        box.tabIndex = 0;
        box.setAttribute("role", "region");
        box.setAttribute("aria-label", "Table, scrolls sideways");
      } else {
        for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
      }
    }
  }

  function markPage() {
    for (const link of document.querySelectorAll('[data-testid="stSidebarNavLink"]')) {
      const isHere = new URL(link.href).pathname === location.pathname;
      if (!isHere) link.removeAttribute("aria-current");
      else {
        link.setAttribute("aria-current", "page");
        const strip = link.closest("ul");
        const here = `${location.pathname} ${strip.clientWidth}`;
        if (marked === here) continue;
        marked = here;
        const box = link.getBoundingClientRect();
        const frame = strip.getBoundingClientRect();
        strip.scrollLeft += box.left - frame.left - (frame.width - box.width) / 2;
      }
    }
  }

  function look() {
    waiting = false;
    reachTables();
    markPage();
  }

  function lookSoon() {
    if (waiting) return;
    waiting = true;
    setTimeout(look, 250);
  }

  new MutationObserver(lookSoon).observe(document.body, { childList: true, subtree: true });
  addEventListener("resize", lookSoon);
  addEventListener("popstate", lookSoon);
  // Other letters have other widths.
  document.fonts.addEventListener("loadingdone", lookSoon);
  lookSoon();
})();
