"""The pages: nothing from elsewhere, usable by keyboard and by ear, and words in line with the report's."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from catchlight.serve.http.problems import PROBLEMS


class Reader(HTMLParser):
    """Collects elements, and checks that they are closed in order."""

    EMPTY = ("meta", "link", "input", "br", "img")

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_are_sound_and_load_nothing_from_elsewhere(path: str, client: FlaskClient) -> None:
    page = read(client.get(path).text)
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == len(page.all("main")) == 1
    sources = [
        a.get("src") or a.get("href") for tag in ("script", "link", "img", "iframe") for a in page.all(tag)
    ]
    assert [s for s in sources if s and not s.startswith(("/static/", "data:"))] == []
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    local = [a["href"][1:] for a in page.all("a") if (a.get("href") or "").startswith("#")]
    assert set(local) <= set(ids)


def test_every_field_has_a_label_and_news_are_told_to_those_who_listen(make: Callable[..., Flask]) -> None:
    page = read(make(auth="keys", detectors=("meso",)).test_client().get("/").text)
    labelled = {attributes["for"] for attributes in page.all("label")}
    fields = {a["id"] for tag in ("input", "select") for a in page.all(tag)}
    assert fields == labelled == {"file", "detector", "key"}
    assert {a.get("role") for _, a in page.elements} >= {"status", "alert"}
    assert page.all("iframe")[0]["title"]
    assert "sandbox" in page.all("iframe")[0]


def test_the_script_uses_what_the_page_has_and_makes_no_markup(client: FlaskClient) -> None:
    script = client.get("/static/catchlight.js", buffered=True).text
    ids = {a["id"] for _, a in read(client.get("/").text).elements if "id" in a}
    assert set(re.findall(r'byId\("(\w+)"\)', script)) - {"detector", "key"} <= ids
    assert not re.search(r"innerHTML|outerHTML|document\.write|eval\(", script)


def test_the_page_tells_what_the_service_accepts(make: Callable[..., Flask]) -> None:
    text = make(max_body=5_000_000, sync_seconds=7.5).test_client().get("/").text
    assert "5 MB" in text
    assert "7.5" in text


def test_docs_explain_every_problem_and_operation(client: FlaskClient) -> None:
    page = read(client.get("/docs").text)
    ids = {a["id"] for _, a in page.elements if "id" in a}
    assert set(PROBLEMS) <= ids
    assert "`" not in client.get("/docs").text
    operations = [o for item in client.get("/openapi.json").json["paths"].values() for o in item.values()]
    assert {operation["operationId"] for operation in operations} <= ids
