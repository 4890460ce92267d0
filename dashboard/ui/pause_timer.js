// Tells the server once, when nothing about the page has changed for a while. The browser starts
// the clock when it has mounted the element, so a slow one is not interrupted while it is still
// building the page.
export default function ({ data, setTriggerValue }) {
  const timer = setTimeout(() => setTriggerValue("paused", data.state), data.milliseconds);
  return () => clearTimeout(timer);
}
