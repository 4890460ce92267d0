// Tells the server when nothing about the page has changed for a while. The browser starts the
// clock when it has mounted the element, so a slow one is not interrupted while it is still building
// the page. What is told while the connection is down is lost, and the element does not begin anew
// once it is back: as long as the numbers are rough and nothing runs, it tells again.
const AGAIN_MS = 4000;
const IDLE = '[data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]';
const ROUGH = ".st-key-rough";

export default function ({ data, setTriggerValue }) {
  const tell = () => setTriggerValue("paused", data.state);
  const first = setTimeout(tell, data.milliseconds);
  const again = setInterval(() => {
    if (document.querySelector(`${IDLE} ${ROUGH}`)) tell();
  }, AGAIN_MS);
  return () => {
    clearTimeout(first);
    clearInterval(again);
  };
}
