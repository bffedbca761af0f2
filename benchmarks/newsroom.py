"""Invented stories by the thousand: new ones, ones sent again, rewritten or corrected later."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from random import Random

from benchmarks.prose import RUBRICS, Language

# One story in so many ...
_REVISED, _REVISED_AGAIN, _SENT_AGAIN, _REWRITTEN = 14, 8, 100, 50
_RECENT = 100  # stories back, from which one is sent again or rewritten
_SENTENCES = (10, 45)
_PHOTOS, _SHARES = (0, 1, 2, 4), (30, 60, 7, 3)
_TAGS = tuple(f"Topic {number}" for number in range(1, 41))
_NOTES = {"en": "This report was corrected.", "ru": "В тексте исправлена ошибка.", "de": "Der Text wurde korrigiert."}


@dataclass(frozen=True, slots=True)
class Draft:
    """A story in sentences, before it has an address."""

    rubric: str
    headline: str
    sentences: tuple[str, ...]
    captions: tuple[str, ...]
    tags: tuple[str, ...]


class Newsroom:
    """Writes the stories of one edition. Equal seeds give equal stories."""

    def __init__(self, language: Language, seed: int) -> None:
        self.language = language
        self._random = Random(f"{seed} newsroom {language.code}")
        self._recent: deque[tuple[int, Draft]] = deque(maxlen=_RECENT)

    def story(self, number: int) -> tuple[int | None, list[Draft]]:
        """The number of the original where the story is sent again (else None), and its versions, the first one first.

        Only what never changes is sent again, so that the original still tells the same.
        """
        if self._recent and self._one_in(_SENT_AGAIN):
            original, draft = self._random.choice(self._recent)
            return original, [draft]
        versions = [self._rewritten() if self._recent and self._one_in(_REWRITTEN) else self._new()]
        if self._one_in(_REVISED):
            versions.append(self._corrected(versions[-1]))
            if self._one_in(_REVISED_AGAIN):
                versions.append(self._corrected(versions[-1]))
        else:
            self._recent.append((number, versions[0]))
        return None, versions

    def _new(self) -> Draft:
        random = self._random
        rubric = random.choice(RUBRICS)
        return Draft(
            rubric,
            self._headline(rubric),
            tuple(random.choices(self.language.sentences[rubric], k=random.randint(*_SENTENCES))),
            tuple(self._headline(rubric) for _ in range(random.choices(_PHOTOS, _SHARES)[0])),
            tuple(random.sample(_TAGS, random.randint(0, 3))),
        )

    def _rewritten(self) -> Draft:
        """A recent story once more, under another headline and with two other sentences."""
        _, draft = self._random.choice(self._recent)
        others = self._random.choices(self.language.sentences[draft.rubric], k=2)
        sentences = (*draft.sentences[:-3], *others, draft.sentences[-1])
        return replace(draft, headline=self._headline(draft.rubric), sentences=sentences)

    def _corrected(self, draft: Draft) -> Draft:
        """With another sentence in place of one; sometimes it says so, sometimes the headline is another too."""
        sentences = list(draft.sentences)
        place = self._random.randrange(len(sentences))
        sentences[place] = self._random.choice(self.language.sentences[draft.rubric])
        if self._one_in(3):
            sentences.append(_NOTES[self.language.code])
        headline = self._headline(draft.rubric) if self._one_in(4) else draft.headline
        return replace(draft, headline=headline, sentences=tuple(sentences))

    def _headline(self, rubric: str) -> str:
        return self.language.headline(rubric, self._random)

    def _one_in(self, many: int) -> bool:
        return self._random.randrange(many) == 0
