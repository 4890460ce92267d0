// Tells the server once the page is live, where a chart's script does so on others; see rest_of_page.py.
export default function ({ data }) {
  if (!data.tellLive) return;
  Promise.resolve(window.computeForecastLive)
    .then(() => fetch(data.tellLive, { method: "POST" }))
    .catch(() => {});
}
