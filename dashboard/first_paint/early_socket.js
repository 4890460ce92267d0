// Asks the server for the live page while its scripts are still on their way: opens the connection
// that Streamlit's script will want, sends what that will say first, and hands both over to it.
(() => {
  const base = window.__streamlit?.BACKEND_BASE_URL;
  if (!base) return;
  const Native = window.WebSocket;
  const address = new URL("_stcore/stream", base);
  address.protocol = address.protocol.replace("http", "ws");
  const given = new URLSearchParams(location.search);
  let socket;
  let question;
  // What the server says before somebody listens.
  let held = [];
  let isTaken = false;
  let isAnswered = false;

  // Fields of a message of protocol buffers: their number with their type, then their content.
  const utf8 = new TextEncoder();
  function number(value) {
    const bytes = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    return [...bytes, Number(rest)];
  }
  const whole = (field, value) => [field * 8, ...number(value)];
  const nested = (field, bytes) => [field * 8 + 2, ...number(bytes.length), ...bytes];
  const text = (field, value) => nested(field, utf8.encode(value));
  const unlessEmpty = (field, value) => (value ? text(field, value) : []);

  function outermost() {
    try {
      return window.top.location.href;
    } catch {
      return location.href;
    }
  }

  // A BackMsg that asks for the first run, as sendRerunBackMsg of Streamlit's App makes it.
  function firstQuestion() {
    const seen = new URL(outermost());
    seen.search = seen.hash = "";
    const isEmbedded = given.get("embed")?.toLowerCase() === "true";
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const context = [
      ...text(1, Intl.DateTimeFormat().resolvedOptions().timeZone),
      ...whole(2, new Date().getTimezoneOffset()),
      ...text(3, navigator.language),
      ...text(4, seen.toString()),
      ...whole(5, Number(isEmbedded)),
      ...text(6, isDark ? "dark" : "light"),
    ];
    const page = location.href.split(/[?#]/)[0].slice(base.length);
    const run = [
      ...unlessEmpty(1, location.search.slice(1)),
      ...nested(2, []),
      ...unlessEmpty(4, page),
      ...nested(8, context),
    ];
    return new Uint8Array(nested(11, run));
  }

  // Its listener hears of the connection at once, and what the server says once it has asked.
  const isDue = ({ type }) => isAnswered || (isTaken && type !== "message");

  function hold(event) {
    if (isDue(event)) return;
    event.stopImmediatePropagation();
    held.push(event);
  }

  function release() {
    const due = held.filter(isDue);
    held = held.filter((event) => !due.includes(event));
    // An event that was stopped stays so: each is told as a new one.
    for (const event of due) socket.dispatchEvent(new event.constructor(event.type, event));
  }

  // Of the connection that was taken over. What was said until then comes in one go, so that it is
  // drawn in one go; another question than the one asked is asked as well.
  function firstSend(message) {
    delete socket.send;
    const isAsked =
      message.length === question.length && message.every((byte, at) => byte === question[at]);
    if (!isAsked) socket.send(message);
    setTimeout(() => {
      isAnswered = true;
      release();
    });
  }

  function takenOver() {
    socket.send = firstSend;
    // A connection opens in a task of its own, when its listeners are there.
    setTimeout(() => {
      isTaken = true;
      release();
    });
    return socket;
  }

  // Whether it is this connection: a third protocol would name a session that goes on.
  function isWanted(wanted, protocols) {
    return (
      socket.readyState <= Native.OPEN &&
      new URL(wanted).href === address.href &&
      protocols?.length === 2
    );
  }

  window.computeForecastAsk = () => {
    const token = document.cookie.match(/\b_streamlit_xsrf=([^;]*)/)?.[1];
    socket = new Native(address, ["streamlit", token ?? "PLACEHOLDER_AUTH_TOKEN"]);
    socket.binaryType = "arraybuffer";
    question = firstQuestion();
    const ask = () => Native.prototype.send.call(socket, question);
    socket.addEventListener("open", ask, { once: true });
    for (const type of ["open", "message", "close", "error"]) socket.addEventListener(type, hold);
    window.WebSocket = function WebSocket(wanted, protocols) {
      window.WebSocket = Native;
      if (isWanted(wanted, protocols)) return takenOver();
      socket.close();
      return new Native(wanted, protocols);
    };
    Object.setPrototypeOf(window.WebSocket, Native);
    window.WebSocket.prototype = Native.prototype;
  };
})();
