// The chart's own script, which browsers keep, in place of a copy of it with each figure.
export default function (component) {
  const { data, parentElement } = component;
  const host = parentElement.querySelector(".chart");
  host.style.minHeight = `${data.height}px`;
  const drawing = import(new URL(data.script, location.origin)).then(
    (script) => script.default(component),
    () => {
      host.textContent =
        "This chart could not be drawn (its script could not be loaded). Its numbers are in the" +
        " table below; reload to try again.";
    },
  );
  return () => drawing.then((leave) => leave?.());
}
