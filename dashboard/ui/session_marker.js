// Leaves a mark in this tab that own runs are held, and tells a session that finds the mark of
// another one: a reload begins a new session, in which they are gone. The mark holds counts and the
// name of a shared link, no data.
const MARK = "compute-forecast:own-runs";

export default function ({ data, setStateValue }) {
  let mark;
  try {
    mark = JSON.parse(sessionStorage.getItem(MARK));
    if (data.runs > 0) {
      sessionStorage.setItem(
        MARK,
        JSON.stringify({ session: data.session, runs: data.runs, share: data.share }),
      );
      return;
    }
    if (mark !== null && (data.dismissed || mark.session === data.session)) {
      sessionStorage.removeItem(MARK);
      return;
    }
  } catch {
    // A browser that keeps nothing has nothing to tell.
    return;
  }
  if (mark !== null) {
    setStateValue("lost", mark);
  }
}
