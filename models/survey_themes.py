"""About which themes may remarks of a survey be, and by which words are they told?"""

from functools import lru_cache
from importlib import resources

from models.catalogue_files import open_entry
from models.catalogue_reading import refuse_repeated

_THEMES = "themes.yaml"


@lru_cache(maxsize=2)
def remark_themes(language: str) -> dict[str, tuple[str, ...]]:
    """Name of each theme in a language to its words, in lower case and both languages.

    Raises:
        CatalogueInvalid: the file is wrong.
    """
    top = open_entry(resources.files("models.catalogue.surveys"), _THEMES)
    found = []
    for entry in top.entries("themes"):
        names = {"en": entry.text("en"), "zh": entry.text("zh")}
        words = tuple(word.lower() for word in entry.texts("words"))
        found.append((entry.text("code"), names["zh" if language.startswith("zh") else "en"], words))
        entry.finish()
    top.finish()
    refuse_repeated(_THEMES, "theme", (code for code, _, _ in found))
    return {name: words for _, name, words in found}
