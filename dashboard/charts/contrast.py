"""Colours of words: those of their series, as dark or as light as the ground asks.

The script of the chart element has the same rule for the browser, which knows the page's theme
(ui/chart_colours.js).
"""

from __future__ import annotations

from functools import lru_cache

#: What words on charts keep of their ground. WCAG asks for 4.5; bands and shaded stretches below a
#: label take some of it.
LEAST = 5.5
_STEPS = 50

Rgb = tuple[float, float, float]


def contrast(colour: str, ground: str) -> float:
    """The contrast ratio of two colours, 1 to 21, each as #rrggbb.

    WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
    """
    return _ratio(_parts(colour), _parts(ground))


@lru_cache(maxsize=512)
def legible(colour: str, ground: str, least: float = LEAST) -> str:
    """The colour, mixed with black on a light ground and with white on a dark one until its
    contrast is at least so much.

    Parameters
    ----------
    colour, ground : str
        Of the words and of what they stand on, as #rrggbb.
    least : float
        The contrast ratio asked for.
    """
    given, behind = _parts(colour), _parts(ground)
    pole = 0.0 if _luminance(behind) > 0.18 else 255.0
    for step in range(_STEPS + 1):
        red, green, blue = (part + (pole - part) * step / _STEPS for part in given)
        if _ratio((red, green, blue), behind) >= least:
            break
    return "#" + "".join(f"{round(part):02x}" for part in (red, green, blue))


def _parts(colour: str) -> Rgb:
    red, green, blue = (float(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    linear = [
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in colour
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _ratio(first: Rgb, second: Rgb) -> float:
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)
