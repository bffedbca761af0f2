"""Invented news in three languages: words as frequent as words are, sentences about a rubric, nobody's texts.

Words follow Zipf's law: the n-th word of a language is about n times as rare as its first. The most frequent are the
real small words of the language, then come some that a benchmark asks for by name, then invented ones. Every rubric
has words of its own, so that two words of one rubric meet more often than two of different ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import accumulate, product
from random import Random

RUBRICS = ("politics", "economics", "society", "culture", "sport", "regions")

_SMALL = {
    "en": "the of to and in a for is on that with at by as from it was be will has are this an which its not said or",
    "ru": "в и на с по не что из для года к о за от как также его это будет при до был их а или мы все она она ещё её",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er",
}
_NAMED = {
    "en": "minsk belarus wheat harvest tractor export park regatta lantern festival ministry village railway timber",
    "ru": "минск беларусь пшеница урожай трактор экспорт парк регата фонарь фестиваль министерство посёлок поезд лес",
    "de": "minsk belarus weizen ernte traktor ausfuhr park regatta laterne fest ministerium straße schloß größe",
}
_SYLLABLES = {  # beginnings, middles and ends; a dot stands for none
    "en": ("b d f g h l m n p r s t v br cl dr st tr th", "a e i o u ea ai ou", "n r s t l nd ."),
    "ru": ("б в г д з к л м н п р с т х ж ш", "а е и о у я ы", "н р с т л й ."),
    "de": ("b d f g h k l m n r s t w sch st br", "a e i o u ä ö ü ei au", "n r s t l ß ."),
}
_VOCABULARY = 30_000
_OF_ONE, _OF_TWO = 180, 8_000  # ranks up to which invented words have one and two syllables
_OFFSET = 2.7  # Mandelbrot's: the very first words are not quite as frequent as Zipf has them
_SENTENCES = 3_000  # of a rubric and language
_FEW_WORDS, _FEW_SENTENCES = 3_000, 100
_OWN_WORDS = 300  # of a rubric
_OWN_SHARE = 6  # every sixth word is one of the rubric's own


@dataclass(frozen=True)
class Language:
    """A language of invented words. `code` is ``en``, ``ru`` or ``de``; equal seeds give equal words.

    `stories`: how many will be written in it. For a few it is small, which saves two seconds.
    """

    code: str
    seed: int
    stories: int
    _random: Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_random", Random(f"{self.seed} {self.code}"))

    @cached_property
    def words(self) -> Sequence[str]:
        """The vocabulary, most frequent first."""
        known = dict.fromkeys(f"{_SMALL[self.code]} {_NAMED[self.code]}".split())
        parts = (part.split() for part in _SYLLABLES[self.code])
        syllables = ["".join(chosen).rstrip(".") for chosen in product(*parts)]
        while len(known) < min(_VOCABULARY, _FEW_WORDS + self.stories):
            count = 1 if len(known) < _OF_ONE else 2 if len(known) < _OF_TWO else 3  # frequent words are short
            known["".join(self._random.choices(syllables, k=count))] = None
        return list(known)

    @cached_property
    def sentences(self) -> dict[str, list[str]]:
        """Sentences by rubric."""
        return {rubric: list(self._sentences(place)) for place, rubric in enumerate(RUBRICS)}

    def _sentences(self, place: int) -> Iterator[str]:
        random, small = self._random, len(_SMALL[self.code].split())
        own = self.words[small + place :: len(RUBRICS)][:_OWN_WORDS]
        lengths = random.choices(range(8, 25), k=min(_SENTENCES, _FEW_SENTENCES + self.stories))
        general = iter(random.choices(self.words, cum_weights=_weights(len(self.words)), k=sum(lengths)))
        topical = iter(random.choices(own, cum_weights=_weights(len(own)), k=sum(lengths)))
        for length in lengths:
            words = [next(topical if random.randrange(_OWN_SHARE) == 0 else general) for _ in range(length)]
            words[length // 2] += random.choice((",", "", "", " –"))
            if random.randrange(5) == 0:
                words[-2] = f"{random.randint(1, 99)}.{random.randint(0, 9)}%"
            yield " ".join((words[0].capitalize(), *words[1:])) + "."

    def headline(self, rubric: str, random: Random) -> str:
        """The beginning of a sentence, without a comma at its end."""
        words = random.choice(self.sentences[rubric]).split()[: random.randint(5, 9)]
        return " ".join(words).rstrip(",.– ")


@cache
def language_of(code: str, seed: int, stories: int) -> Language:
    """The language, made once a process: it takes half a second."""
    return Language(code, seed, stories)


@cache
def _weights(count: int) -> list[float]:
    return list(accumulate(1 / (rank + _OFFSET) for rank in range(1, count + 1)))
