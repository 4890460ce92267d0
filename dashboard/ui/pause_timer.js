// Tells the server when nothing about the page has changed for a while. The browser starts the
// clock when it has mounted the element, so a slow one is not interrupted while it is still building
// the page; nor is a run that a move has asked for. What is told while the connection is down is
// lost, and the element does not begin anew once it is back: as long as the numbers are rough, it
// tells again.
const LOOK_MS = 100;
const AGAIN_MS = 4000;
const IDLE = '[data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]';
const ROUGH = ".st-key-rough";

export default function ({ data, setTriggerValue }) {
  let next = performance.now() + data.milliseconds;
  const turn = setInterval(() => {
    if (performance.now() < next || !document.querySelector(`${IDLE} ${ROUGH}`)) return;
    next = performance.now() + AGAIN_MS;
    setTriggerValue("paused", data.state);
  }, LOOK_MS);
  return () => clearInterval(turn);
}
