// One Plotly chart. Unlike Streamlit's own element it keeps its place when the figure changes:
// Plotly redraws what differs, and zoom stays.
const drawn = new WeakMap();
// How far out of sight a chart is drawn: as far as a reader scrolls in one go.
const NEAR = "100%";

function plotly(address) {
  window.computeForecastPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      window.computeForecastPlotly = undefined;
      reject(new Error("the chart library could not be loaded"));
    };
    document.head.appendChild(script);
  });
  return window.computeForecastPlotly;
}

// Text, grid and ground follow the page's theme.
function template(host) {
  const style = getComputedStyle(host);
  const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  const text = read("--st-text-color", style.color);
  const line = read("--st-border-color", "#8884");
  const axis = {
    gridcolor: line,
    linecolor: line,
    zerolinecolor: line,
    tickcolor: line,
    tickfont: { size: 12 },
    title: { font: { size: 13 } },
  };
  return {
    layout: {
      font: { family: read("--st-font", style.fontFamily), size: 13, color: text },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      hoverlabel: {
        bgcolor: read("--st-background-color", "#fff"),
        bordercolor: line,
        align: "left",
        font: { family: read("--st-font", style.fontFamily), color: text, size: 13 },
      },
      modebar: {
        orientation: "h",
        bgcolor: "rgba(0,0,0,0)",
        color: text,
        activecolor: read("--st-primary-color", text),
      },
      xaxis: axis,
      yaxis: axis,
      annotationdefaults: { font: { color: text } },
      coloraxis: { colorbar: { outlinewidth: 0 } },
    },
  };
}

function fullscreenButton(host) {
  return {
    name: "fullscreen",
    title: "Full screen",
    icon: {
      width: 24,
      height: 24,
      path: "M5 14H3v7h7v-2H5v-5zM3 10h2V5h5V3H3v7zm16 9h-5v2h7v-7h-2v5zM14 3v2h5v5h2V3h-7z",
    },
    click: () =>
      document.fullscreenElement ? document.exitFullscreen() : host.requestFullscreen(),
  };
}

const axesOf = (layout) => Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));

// What the reader has zoomed to, by axis: it survives a change of the figure, until a double click
// or a reset.
function followZoom(host, state) {
  host.on("plotly_relayout", (change) => {
    let zoomed = false;
    for (const axis of axesOf(state.given)) {
      const range = [change[axis + ".range[0]"], change[axis + ".range[1]"]];
      if (range.includes(undefined)) continue;
      const asGiven = state.given[axis].range?.every((end, i) => Math.abs(end - range[i]) < 1e-9);
      if (asGiven) delete state.zoom[axis];
      else state.zoom[axis] = range;
      zoomed = true;
    }
    // Labels stand where there is room, and that is elsewhere now.
    if (zoomed) redraw(host);
  });
  host.on("plotly_doubleclick", () => {
    state.zoom = {};
    redraw(host);
  });
}

// Plotly compares configurations by identity and starts anew when one differs, so each is made
// once.
function configuration(state, bar) {
  const key = state.data.config + bar;
  if (state.configured !== key) {
    state.configured = key;
    state.config = { ...JSON.parse(state.data.config), displayModeBar: bar };
    state.config.modeBarButtons.push([fullscreenButton(state.host)]);
  }
  return state.config;
}

async function draw(host) {
  const state = drawn.get(host);
  const library = await plotly(state.data.address);
  if (!host.isConnected || drawn.get(host) !== state) return;
  const figure = JSON.parse(state.data.figure);
  const series = seriesOfLabels(figure);
  hideSeries(figure, series, state.hidden);
  makeLegible(figure, getComputedStyle(host).getPropertyValue("--st-background-color").trim());
  const full = document.fullscreenElement === host;
  const layout = {
    ...figure.layout,
    template: template(host),
    width: host.clientWidth,
    height: full ? window.innerHeight : figure.layout.height,
  };
  // On a phone the tool bar would cover the chart; fingers zoom without it.
  const bar = host.clientWidth < 500 ? false : "hover";
  const config = configuration(state, bar);
  state.given = figure.layout;
  for (const axis of axesOf(figure.layout)) {
    if (state.zoom[axis]) layout[axis] = { ...layout[axis], range: state.zoom[axis] };
  }
  const focused = host.querySelector("g.annotation:focus-within")?.dataset.index;
  await library.react(host, figure.data, layout, config);
  settleLabels(host);
  offerSwitches(host, series, state.hidden, () => redraw(host));
  if (focused) host.querySelector(`g.annotation[data-index="${focused}"] [tabindex]`)?.focus();
  // What stood here before any script ran; see first_paint.js.
  host.querySelector(".first-paint-chart")?.remove();
  if (!state.follows) followZoom(host, state);
  state.follows = true;
  state.width = host.clientWidth;
  host.dataset.drawn = String(Number(host.dataset.drawn || 0) + 1);
}

function redraw(host) {
  // A chart out of sight, and the library, wait until the reader comes near and the page is live.
  if (!drawn.get(host)?.isNear) return;
  draw(host).catch((error) => {
    host.textContent =
      "This chart could not be drawn (" +
      error.message +
      "). Its numbers are in the table below; reload to try again.";
  });
}

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".chart");
  host.setAttribute("aria-label", data.alt);
  // What draws a chart would hold the live page up, and its picture stands there meanwhile.
  const live = Promise.resolve(window.computeForecastLive);
  // What stands below follows then; see rest_of_page.py.
  if (data.tellLive) live.then(() => fetch(data.tellLive, { method: "POST" })).catch(() => {});
  const known = drawn.get(host);
  if (known) {
    known.data = data;
  } else {
    const state = { data, host, width: 0, zoom: {}, hidden: new Set() };
    drawn.set(host, state);
    state.sight = new IntersectionObserver(
      (seen) => {
        if (!seen.some((each) => each.isIntersecting)) return;
        state.sight.disconnect();
        live.then(() => {
          state.isNear = true;
          redraw(host);
        });
      },
      // By what scrolls: a margin around the window would not reach beyond that.
      { root: host.closest(".stMain"), rootMargin: NEAR },
    );
    state.sight.observe(host);
    state.size = new ResizeObserver(() => {
      if (host.clientWidth && host.clientWidth !== state.width && state.width) redraw(host);
    });
    state.size.observe(host);
    // A change of theme changes the colours that the page's variables hold.
    let colours = JSON.stringify(template(host));
    state.theme = setInterval(() => {
      const now = JSON.stringify(template(host));
      if (now !== colours) {
        colours = now;
        redraw(host);
      }
    }, 1000);
    state.fullscreen = () => redraw(host);
    document.addEventListener("fullscreenchange", state.fullscreen);
  }
  redraw(host);
  // Called at every change of the data, too: only a chart that has left the page is let go.
  return () => setTimeout(() => host.isConnected || dispose(host), 0);
}

function dispose(host) {
  const state = drawn.get(host);
  if (!state) return;
  state.size.disconnect();
  state.sight.disconnect();
  clearInterval(state.theme);
  document.removeEventListener("fullscreenchange", state.fullscreen);
  drawn.delete(host);
  window.Plotly?.purge(host);
}
