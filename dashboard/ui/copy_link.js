// A button that copies a link with one touch, and says that it did.
const TOLD_MS = 2500;

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without https a browser has no clipboard for scripts.
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("not copied");
}

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const said = parentElement.querySelector("[role=status]");
  const label = button.querySelector(".copy-label");
  button.title = [data.link, data.note].filter(Boolean).join("\n");
  button.onclick = async () => {
    clearTimeout(Number(button.dataset.timer));
    try {
      await copy(data.link);
      label.textContent = "Copied";
      said.textContent = data.note || "Link copied.";
    } catch {
      said.textContent = `Copy it from here: ${data.link}`;
      return;
    }
    button.dataset.timer = String(
      setTimeout(() => {
        label.textContent = "Copy link";
        if (!data.note) said.textContent = "";
      }, TOLD_MS),
    );
  };
}
