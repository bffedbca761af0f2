"""Words that name a month, also misspelt ones, and words that are near two of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dates import MONTHS, _distance, fold, month_number
from tests.printed_months import PRINTED

ALL_FORMS = sorted({(language, form) for language, forms in MONTHS.items() for form in forms})


@pytest.mark.parametrize("language", PRINTED)
def test_every_language_names_all_months_with_or_without_accents_in_any_case(language: str) -> None:
    for number, word in enumerate(PRINTED[language].split(), start=1):
        assert {month_number(form, language) for form in (word, word.upper(), word.lower(), fold(word))} == {number}


def test_no_form_means_different_months_in_two_languages() -> None:
    meanings: dict[str, set[int]] = {}
    for language, form in ALL_FORMS:
        meanings.setdefault(form, set()).add(MONTHS[language][form])
    assert {form: months for form, months in meanings.items() if len(months) > 1} == {}


def test_every_form_of_the_table_can_be_found() -> None:
    assert all(fold(form) == form for _, form in ALL_FORMS)


@pytest.mark.parametrize(
    ("word", "language", "month"),
    [
        ("Septriembre", "es", 9),
        ("Septtiembre", "es", 9),
        ("Sepember", "en", 9),
        ("Novienbre", "es", 11),
        ("Octobr", "en", 10),
        ("Januray", "en", 1),
        ("Febuary", "en", 2),
        ("Agust", "en", 8),
        ("сентебря", "ru", 9),
        ("авгтуса", "ru", 8),
        ("Pazdzernika", "pl", 10),
        ("Dezembr", "de", 12),
        ("лiстапада", "be", 11),  # with a Latin i
    ],
)
def test_a_misspelt_month_is_forgiven(word: str, language: str, month: int) -> None:
    assert month_number(word, language) == month


@pytest.mark.parametrize(
    ("word", "language"),
    [
        ("июбя", "ru"),
        ("juliu", "es"),
        ("juln", "en"),
        ("maryo", "es"),
        ("juin", "en"),
        ("juil", "en"),
        ("mai-ember", "en"),
        ("ember", "en"),
        ("people", "en"),
        ("Monday", "en"),
        ("Octobr", "xx"),
        ("", "en"),
        ("\ud800" * 5, "en"),
        ("October" * 1000, "en"),
    ],
)
def test_a_word_that_is_near_no_month_or_near_two_is_none(word: str, language: str) -> None:
    assert month_number(word, language) is None


def test_no_missing_or_swapped_letter_makes_another_month() -> None:
    everywhere = {form for _, form in ALL_FORMS}
    forgiven = 0
    for language, form in ALL_FORMS:
        cuts = {form[:at] + form[at + 1 :] for at in range(len(form))}
        swaps = {form[:at] + form[at + 1] + form[at] + form[at + 2 :] for at in range(len(form) - 1)}
        for word in (cuts | swaps) - everywhere:
            found = month_number(word, language)
            assert found in {None, MONTHS[language][form]}, (word, form)
            forgiven += found is not None
    assert forgiven > 1000


@settings(max_examples=300, deadline=None)
@given(
    known=st.sampled_from(ALL_FORMS),
    edits=st.lists(
        st.tuples(
            st.sampled_from(["put", "drop", "change"]), st.integers(0, 12), st.sampled_from("aeilmnorstуеияюльнтрв月")
        ),
        min_size=1,
        max_size=2,
    ),
)
def test_wrong_letters_never_make_a_month_that_is_not_nearer(
    known: tuple[str, str], edits: list[tuple[str, int, str]]
) -> None:
    language, form = known
    word = form
    for kind, place, letter in edits:
        at = min(place, len(word))
        word = word[:at] + ("" if kind == "drop" else letter) + word[at + (kind != "put") :]
    found = month_number(word, language)
    if found not in {None, MONTHS[language][form]}:  # only what is nearer to the other month than to this one
        nearest = min(_distance(word, other) for tongue, other in ALL_FORMS if MONTHS[tongue][other] == found)
        assert nearest < len(edits)
