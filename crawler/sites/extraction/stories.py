"""The paragraphs of a story, told from the captions that stand among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from crawler.html.markup import Element
from crawler.html.text import Passage
from crawler.sites.extraction.pictures import Picture


class Story(NamedTuple):
    """The paragraphs of a story, and the captions that stood among them, by the picture next to them."""

    paragraphs: tuple[str, ...]
    printed: Mapping[Element, str]


def story_of(
    texts: Sequence[Passage], headline: str, pictures: Sequence[Picture], opens: Callable[[str], bool] = bool
) -> Story:
    """Paragraphs without the headline and the captions that may stand among them. `opens`: whether a text is how a
    story of this site opens, by its dateline.

    A caption is one only next to its picture: its ``figcaption``, a paragraph behind the picture that repeats the
    caption or the alternative text, or the beginning of the first paragraph, right before the dateline:
    "... An archive photoTALLINN, 27 June (Reuters) –". The same words elsewhere belong to the story.
    """
    near = _Captions(headline, pictures)
    story: list[str] = []
    for passage in texts:
        near.come_to(passage.pictures)
        if (
            passage.caption in near.labels
            or near.take(passage.text, passage.item)
            or (not story and passage.text == headline)
        ):
            continue
        story.append(passage.text if story else _without_caption(passage.text, near, opens))
        near.leave()
    return Story(tuple(story), near.printed)


class _Captions:
    """The captions of the pictures that a text stands next to. Pictures above the body are next to its beginning."""

    def __init__(self, headline: str, pictures: Sequence[Picture]) -> None:
        self.labels = {picture.label for picture in pictures if picture.label is not None}
        self.printed: dict[Element, str] = {}
        self.texts: dict[str, Element] = {}
        self._pictures = {picture.image: picture for picture in pictures}
        self._headline = headline
        self.come_to([picture.image for picture in pictures if picture.above])

    def come_to(self, images: Sequence[Element]) -> None:
        for image in images:
            picture = self._pictures.get(image)
            for text in () if picture is None else (picture.caption, picture.alt):
                if text and text != self._headline:
                    self.texts.setdefault(text, image)

    def take(self, text: str, item: Element | None = None) -> bool:
        """Whether a text is the caption of a picture next to it: then that picture has it printed. A heading or the
        `item` of a list is none, unless the picture stands in it.
        """
        image = self.texts.get(text)
        if image is None or (item is not None and item not in image.iterancestors()):
            return False
        self.printed.setdefault(image, text)
        return True

    def leave(self) -> None:
        self.texts.clear()


def _without_caption(opening: str, near: _Captions, opens: Callable[[str], bool]) -> str:
    for caption in near.texts:
        rest = opening.removeprefix(caption)
        if rest != opening and (rest.startswith("\n") or opens(rest.strip())):
            near.take(caption)
            return rest.strip()
    return opening
