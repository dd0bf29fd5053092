"""Words on screen: gettext with Chinese as the source language and catalogues for the others."""

from __future__ import annotations

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

import streamlit as st
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parents[1] / "locale"
LANGUAGES = {"zh": "中", "en": "EN"}


@cache
def catalogue(language: str) -> Catalog:
    """Return all messages of a language: every `.po` file of its folder, one for each section of the app."""
    merged = Catalog(locale=language)
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as handle:
            for message in read_po(handle, locale=language):
                if message.id:
                    merged.add(message.id, message.string, context=message.context)
    return merged


@cache
def _translations(language: str) -> gettext.NullTranslations:
    if language == "zh":
        return gettext.NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def language() -> str:
    """Return the language of this session: `zh` or `en`."""
    chosen = st.session_state.get("address", {}).get("lang", "zh")
    return chosen if chosen in LANGUAGES else "zh"


def _(text: str, **values: object) -> str:
    """Return a Chinese text in the session's language, with its {placeholders} filled."""
    translated = _translations(language()).gettext(text)
    return translated.format(**values) if values else translated


def in_menu(text: str) -> str:
    """Return a page's title as the menu says it, which has less room than the page."""
    said = _translations(language()).pgettext("menu", text)
    return _(text) if said == text else said


def mark(text: str) -> str:
    """Mark a text that is translated where it is shown, not where it is written."""
    return text


def either(zh: str, en: str) -> str:
    """Return one of two texts that came as a pair from a lower floor."""
    return en if language() == "en" else zh


def plain(text: object) -> str:
    """Escape what a person or a file gave, so that markdown shows it as it is."""
    escaped = str(text)
    for sign in "\\`*_{}[]()#+-.!|$~<>:":
        escaped = escaped.replace(sign, "\\" + sign)
    return escaped
