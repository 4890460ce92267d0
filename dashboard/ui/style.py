"""What of the look the theme cannot say: style.css, for all pages."""

from __future__ import annotations

from pathlib import Path

ALL = f"<style>{Path(__file__).with_suffix('.css').read_text(encoding='utf-8')}</style>"
