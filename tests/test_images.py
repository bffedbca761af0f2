"""The address of a picture that is loaded late: the largest that its markup names, and never a stand-in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.html.images import addresses_of, is_placeholder
from crawler.html.markup import parse
from tests.saved_pages import picture, read_story

BIG, SMALL = "/images/storage/a_big.jpg", "/images/storage/a_small.jpg"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

LATE = [
    f'<img src="/desimages/blank.png" data-src="{BIG}">',
    f'<img src="/images/placeholder.jpg" data-src="{BIG}">',
    f'<img src="/i/spacer.gif" data-original="{BIG}">',
    f'<img src="{PIXEL}" data-lazy-src="{BIG}">',
    f'<img data-lazy="{BIG}">',
    f'<img data-url="{BIG}">',
    f'<img data-image="{BIG}" data-caption="Photo/a.jpg" data-id="5">',
    f'<img data-echo="{BIG}" src="/i/loading.png">',
    f'<img src="{SMALL}" data-src="{BIG}">',
    f'<img src="{SMALL}" data-full="{BIG}" data-thumb="/images/storage/a_thumb.jpg">',
    f'<img src="{SMALL}" data-src="{SMALL}" data-large-file="{BIG}">',
    f'<img srcset="{SMALL} 300w, {BIG} 900w">',
    f'<img srcset="{BIG} 900w,{SMALL} 300w" src="{SMALL}">',
    f'<img srcset="{SMALL}, {BIG} 2x" src="{SMALL}">',
    f'<img srcset="{SMALL} 1x, {BIG} 1.5x">',
    f'<img src="{PIXEL}" data-srcset="{SMALL} 300w, {BIG} 900w">',
    f'<img srcset="{PIXEL} 1w" data-srcset="{BIG} 900w">',
    f'<img srcset="/i/lqip.jpg 20w" data-src="{BIG}">',
    f'<amp-img srcset="{SMALL} 300w, {BIG} 900w" src="{SMALL}"></amp-img>',
    f'<picture><source srcset="{SMALL} 300w, {BIG} 900w"><img src="{SMALL}"></picture>',
    f'<picture><source data-srcset="{BIG}"><img src="{PIXEL}"></picture>',
    f'<picture><source media="(min-width: 900px)" srcset="{BIG}"><img src="{SMALL}"></picture>',
    f'<picture><source media="(max-width: 600px)" srcset="{SMALL}"><img src="{BIG}"></picture>',
    f'<picture><source type="image/webp" srcset="/images/storage/a.webp"><img src="{BIG}"></picture>',
    f'<img src="/i/blank.png"><noscript><img src="{BIG}"></noscript>',
    f'<picture><img src="{PIXEL}"></picture><noscript><img src="{BIG}"></noscript>',
    f'<img src="{BIG}"><noscript><img src="{SMALL}"></noscript>',
    f'<img src="{BIG}" data-placeholder="/images/storage/a_blur.jpg" data-share-url="/x/y.jpg">',
    f'<img src="{BIG}" data-url="/society/view/a-ferry-1-2026/">',
    f'<img src="{BIG}" data-full="/photos/7.html" data-zoom="/photos/8/">',
    f'<img src="/i/grey.png" data-src="{BIG}">',
    f'<img src="https://via.placeholder.com/300x200" data-src="{BIG}">',
]


@pytest.mark.parametrize("markup", LATE)
def test_largest_address_of_a_picture_is_its_photo(markup: str) -> None:
    for article in (read_story(f"<p>Words.</p><p>{markup}</p>"), read_story(above=picture(markup))):
        assert [photo.url for photo in article.photos] == [f"https://eng.belta.by{BIG}"]


@pytest.mark.parametrize(
    "address",
    [
        "/i/blank.png",
        "/i/no-photo.jpg",
        "/i/no_image_available.png",
        "/i/nophoto.jpg?1",
        "/i/img-placeholder-600x400.jpg",
        "/i/default.jpg",
        "/i/1x1.png",
        "/i/Transparent.PNG",
        "/i/lazy_load/loading.png#x",
        "/i/grey.jpg",
        "/i/skeleton.png",
        "/i/trans.gif",
        "https://placehold.co/600x400",
        "//dummyimage.com/600x400.png",
        PIXEL,
        "about:blank",
        "#",
    ],
)
def test_stand_in_is_known_by_its_name(address: str) -> None:
    assert is_placeholder(address)


@pytest.mark.parametrize(
    "address",
    [
        "/i/blank-wall.jpg",
        "/i/default-on-bonds.jpg",
        "/i/loading-of-grain.jpg",
        "/i/000019_1770271104_1_big.jpg",
        "/i/empty-shelves.png",
        "/placeholder/harbour.jpg",
        "/i/white-stork.jpg",
        "https://placeholder.example.org/harbour.jpg",
        "/i/photo.jpg",
        "/i/12.jpg",
        "/image?id=7",
    ],
)
def test_picture_with_a_name_of_its_own_is_no_stand_in(address: str) -> None:
    assert not is_placeholder(address)


@given(st.text(alphabet="ab/.,:;=?#%{}'1w2x \t", max_size=80), st.text(alphabet="ab/.,1wx \n", max_size=80))
@settings(max_examples=200)
def test_any_address_and_any_set_is_read_or_passed_over(source: str, sources: str) -> None:
    page = parse(f'<picture><source srcset="{sources}"><img src="{source}" data-src="{sources}">'.encode())
    assert page is not None
    for image in page.iter("img"):
        assert all(not is_placeholder(address) for address in addresses_of(image))


def test_picture_with_very_many_addresses_is_read_in_part() -> None:
    many = ", ".join(f"/images/storage/{number}.jpg {number}w" for number in range(100, 20_000))
    assert len(read_story(f'<p>Words.</p><img srcset="{many}">').photos) == 1
