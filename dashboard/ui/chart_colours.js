// Words in the colour of their series, as dark or as light as the ground asks; the same rule as
// charts/contrast.py has for pictures.
const MIN_CONTRAST = 5.5;
const MIXING_STEPS = 50;

// Red, green and blue of a colour as CSS or a figure has it; undefined for any other.
function rgbOf(colour) {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (hex) return hex.slice(1).map((part) => parseInt(part, 16));
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(colour);
  if (short) return short.slice(1).map((part) => parseInt(part + part, 16));
  const parts = /^rgba?\(([^)]*)\)$/.exec(colour);
  return parts ? parts[1].split(",").slice(0, 3).map(Number) : undefined;
}

function luminance(rgb) {
  const [red, green, blue] = rgb.map((part) =>
    part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(first, second) {
  const [low, high] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

// The colour, mixed with black on a light ground and with white on a dark one until it stands out.
function legible(colour, ground) {
  const given = rgbOf(colour);
  const behind = rgbOf(ground);
  if (!given || !behind) return colour;
  const pole = luminance(behind) > 0.18 ? 0 : 255;
  let mixed = given;
  for (let step = 0; step <= MIXING_STEPS; step++) {
    mixed = given.map((part) => part + ((pole - part) * step) / MIXING_STEPS);
    if (contrast(mixed, behind) >= MIN_CONTRAST) break;
  }
  return "#" + mixed.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("");
}

// Labels and words at points, made legible on this ground. What stands in a bar stays: its ground
// is the bar.
function makeLegible(figure, ground) {
  for (const { font } of figure.layout.annotations ?? [])
    if (font?.color) font.color = legible(font.color, ground);
  for (const { type, textfont } of figure.data)
    if (type !== "bar" && typeof textfont?.color === "string")
      textfont.color = legible(textfont.color, ground);
}
