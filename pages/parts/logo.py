"""The sign of the app: three bars and, beside them, its name."""

from pages.parts.palette import LIGHT, Palette

FONT = "system-ui, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"


def sign(colours: Palette = LIGHT) -> str:
    """Return the three bars as an SVG picture."""
    return _svg(28, _bars(colours))


def logo(name: str, colours: Palette) -> str:
    """Return the bars and the name as an SVG picture."""
    width = 40 + sum(19 if ord(letter) > 0xFF else 11.5 for letter in name)
    text = (
        f'<text x="34" y="21" font-family="{FONT}" font-size="18" font-weight="600" fill="{colours.text}">{name}</text>'
    )
    return _svg(width, _bars(colours) + text)


def _bars(colours: Palette) -> str:
    bars = ((9, colours.quiet), (14, colours.better), (20, colours.better))
    return "".join(
        f'<rect x="{2 + 8 * at}" y="{24 - tall}" width="6" height="{tall}" rx="1.5" fill="{colour}"/>'
        for at, (tall, colour) in enumerate(bars)
    )


def _svg(width: float, content: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} 28" height="28">{content}</svg>'
