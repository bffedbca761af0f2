"""Where a crawl may go, and what it says when it is led elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request

from spiders.network.guard import ALLOWED, Guard, OffSite

HOSTS = frozenset({"eng.belta.by", "www.eng.belta.by"})


def refusal(url: str, hosts: frozenset[str] | None = HOSTS, guard: Guard | None = None) -> str:
    meta = {} if hosts is None else {ALLOWED: hosts}
    with pytest.raises(OffSite) as caught:
        (guard or Guard()).process_request(Request(url, meta=meta))
    return str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://eng.belta.by/all_news/",
        "http://www.eng.belta.by/",
        "https://ENG.BELTA.BY/all_news/",
        "https://eng.belta.by:443/",
    ],
)
def test_the_hosts_of_the_edition_may_be_asked(url: str) -> None:
    Guard().process_request(Request(url, meta={ALLOWED: HOSTS}))


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("https://elsewhere.example/", "another site"),
        ("https://belta.by/", "another site"),
        ("https://eng.belta.by.example/", "another site"),
        ("https://eng.belta.by:8443/", "another site"),
        ("ftp://eng.belta.by/", "another site"),
        ("file:///etc/passwd", "a private address"),
        ("data:text/html,x", "a private address"),
        ("https://eng.belta.by:80/", "another site"),
        ("http://127.0.0.1/", "a private address"),
        ("http://localhost:8080/", "a private address"),
        ("http://169.254.169.254/latest/meta-data/", "a private address"),
        ("http://[::1]/", "a private address"),
        ("http://10.0.0.7/", "a private address"),
    ],
)
def test_any_other_address_is_refused_and_named(url: str, where: str) -> None:
    assert refusal(url) == f"leads to {where}, not fetched: {Request(url).url}"


def test_an_address_with_a_user_name_is_refused_whatever_its_host_and_the_password_is_not_repeated() -> None:
    said = refusal("https://anna:secret@eng.belta.by/all_news/")
    assert said == "leads to an address with a user name, not fetched: https://***@eng.belta.by/all_news/"


def test_a_private_address_may_be_asked_when_the_user_named_it_and_only_at_its_port() -> None:
    hosts = frozenset({"127.0.0.1:8100"})
    Guard().process_request(Request("http://127.0.0.1:8100/all_news/", meta={ALLOWED: hosts}))
    assert "private" in refusal("http://127.0.0.1:8101/", hosts)


def test_robots_txt_is_asked_for_only_where_some_page_may_be() -> None:
    guard = Guard()
    assert "another site" in refusal("https://eng.belta.by/robots.txt", None, guard)
    guard.process_request(Request("https://eng.belta.by/all_news/", meta={ALLOWED: HOSTS}))
    guard.process_request(Request("https://eng.belta.by/robots.txt"))
    assert "another site" in refusal("https://elsewhere.example/robots.txt", None, guard)


@given(host=st.from_regex(r"\A[a-z0-9.@:\[\]%-]{1,30}\Z"))
@settings(max_examples=200)
def test_no_spelling_of_a_host_leads_astray(host: str) -> None:
    try:
        request = Request(f"http://{host}/", meta={ALLOWED: frozenset({"eng.belta.by"})})
        Guard().process_request(request)
    except (OffSite, ValueError):
        return
    assert host.rpartition("@")[2] == "eng.belta.by"
