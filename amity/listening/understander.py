"""The door to understanding: give it texts, get language and sentiment."""

from collections.abc import Callable, Sequence
from threading import Lock

from amity.listening.domain.understanding import TextModel, Understanding
from amity.listening.models_data import shipped_model


class Understander:
    """Understands texts with a model that is loaded at first use, once, also when several threads ask at once.

    Give another loader to put another model in the place of the shipped one.
    """

    def __init__(self, load: Callable[[], TextModel] = shipped_model) -> None:
        """Remember how to load the model; nothing is read yet."""
        self._load = load
        self._lock = Lock()
        self._model: TextModel | None = None

    @property
    def model(self) -> TextModel:
        """The model, loaded if it was not yet."""
        if self._model is None:
            with self._lock:
                if self._model is None:
                    self._model = self._load()
        return self._model

    def understand_many(
        self, texts: Sequence[str], language_hints: Sequence[str] | None = None
    ) -> list[Understanding]:
        """One understanding for each text, in order.

        `language_hints` holds for each text the language that its channel claims (BCP 47), or "": it tips the scale
        where a text is too short to tell, and is taken where nothing else is known.
        """
        return self.model.understand_many(texts, language_hints)

    def understand(self, text: str, language_hint: str = "") -> Understanding:
        """One text, for screens and tests; batches are far faster."""
        return self.understand_many([text], [language_hint])[0]
