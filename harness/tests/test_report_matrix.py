"""The matrix in a real browser: filters in the address, details, keyboard, and a document that stays small however many cells there are."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from results_support import ARTIFACTS, cell, every_kind

from harness.model.verdict import Verdict
from harness.report.files import write_text
from harness.report.matrix import matrix
from harness.report.run import Run, ordered

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1400,900"),
)
SECONDS = 60
VOID = {"meta", "input", "br", "img", "link"}
Browser = Callable[..., "Page"]


class Page(HTMLParser):
    """What a test asks a page: elements with their attributes and the text in them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, {name: value or "" for name, value in attrs}, list[str]())
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for _, _, texts in self._open:
            texts.append(data)

    def all(self, tag: str, **attributes: str) -> Iterator[tuple[dict[str, str], str]]:
        for name, found, texts in self.elements:
            if name == tag and all(found.get(key.replace("_", "-").strip("-")) == value for key, value in attributes.items()):
                yield found, "".join(texts)

    def text(self, tag: str, **attributes: str) -> str:
        return next(self.all(tag, **attributes))[1]

    @property
    def rows(self) -> list[str]:
        return [text for _, text in self.all("th", role="rowheader")]

    @property
    def cells(self) -> list[tuple[str, str]]:
        return [(attributes["data-cell"], text) for attributes, text in self.all("td", role="gridcell")]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    program = shutil.which("chromium")
    if program is None:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail("the matrix is read in a browser: install chromium (make setup does)", pytrace=False)
        pytest.skip("not run: install chromium")
    profile = tmp_path_factory.mktemp("profile")

    def look(path: Path, fragment: str = "") -> Page:
        command = [program, *FLAGS, f"--user-data-dir={profile}", "--dump-dom", f"{path.as_uri()}{fragment}"]
        ended = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
        return Page(ended.stdout.decode("utf-8"))

    return look


DRIVER = """
addEventListener("load", () => {
  const go = (fragment) => { history.replaceState(null, "", fragment); dispatchEvent(new HashChangeEvent("hashchange")); };
  const press = (key) => {
    const inside = document.activeElement.closest("#matrix, #detail");
    const target = inside ? document.activeElement : document.querySelector('[role=gridcell][tabindex="0"]');
    target.focus();
    target.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
  };
  document.body.dataset.found = JSON.stringify((() => { SCRIPT })());
});
"""


def driven(browser: Browser, page: Path, script: str) -> Any:
    """What a script that acts on the page finds there."""
    path = page.with_name("driven.html")
    path.write_text(page.read_text("utf-8").replace("</body>", f"<script>{DRIVER.replace('SCRIPT', script)}</script></body>"), "utf-8")
    return json.loads(next(browser(path).all("body"))[0]["data-found"])


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("matrix") / "matrix.html"
    write_text(path, matrix(every_kind()))
    return path


def test_it_shows_every_cell_and_counts_them(browser: Browser, page: Path) -> None:
    shown = browser(page)
    assert shown.rows[0] == "feature/upgrade/drain :: drain"
    assert len(shown.rows) == 7
    assert ("unit/parse/words::bad@native-linux-x64", "failed") in shown.cells
    assert ("unit/parse/words::bad@frozen-linux-x64", "not run") in shown.cells
    status = shown.text("p", id="status")
    assert status == "7 of 7 cases: 2 passed, 1 failed, 1 expected failure, 1 unsupported, 1 harness error, 1 tolerated failure."
    assert "cannot be loaded" in shown.text("section", aria_labelledby="problems")


VIEWS = [
    ("#verdict=failed,harness-error", ["bad", "broken"], "2 of 7 cases: 1 failed, 1 harness error."),
    ("#verdict=tolerated", ["allowed"], "1 of 7 cases: 1 tolerated failure."),
    ("#tier=feature", ["drain"], "1 of 7 cases: 1 passed."),
    ("#artifact=frozen-linux-x64", ["drain"], "1 of 7 cases: 1 passed."),
    ("#text=SERVER%20plane", ["broken"], "1 of 7 cases: 1 harness error."),
    ("#text=nothing-like-it", [], "0 of 7 cases."),
    ("#verdict=failed&artifact=frozen-linux-x64", [], "0 of 7 cases."),
    ("#verdict=nonsense&tier=unit", ["allowed", "bad", "broken", "good", "known", "terminal"], "Not known here: verdict nonsense."),
]


def test_filters_stand_in_the_address(browser: Browser, page: Path) -> None:
    fragment, rows, status = VIEWS[0]
    shown = browser(page, fragment)
    assert [row.split(":: ")[1] for row in shown.rows] == rows
    assert shown.text("p", id="status") == status
    assert [attributes["value"] for attributes, _ in shown.all("input", type="checkbox")][:2] == ["passed", "failed"]


def test_a_changed_address_changes_the_view(browser: Browser, page: Path) -> None:
    script = """
    return VIEWS.map((fragment) => {
      go(fragment);
      return [[...document.querySelectorAll("[role=rowheader] .case")].map((row) => row.textContent.slice(3)), document.getElementById("status").textContent];
    });
    """
    found = driven(browser, page, script.replace("VIEWS", json.dumps([fragment for fragment, _, _ in VIEWS])))
    for (fragment, rows, status), (seen, said) in zip(VIEWS, found, strict=True):
        assert seen == rows, fragment
        assert said.endswith(status)


def test_a_cell_opens_from_the_address_with_its_details(browser: Browser, page: Path) -> None:
    shown = browser(page, "#cell=unit/parse/words::bad@native-linux-x64")
    detail = shown.text("section", id="detail")
    assert "unit/parse/words :: bad" in detail
    assert "Step drain" in detail
    assert "stdout differs </script><img src=x" in detail  # as text
    assert "scenarios/unit/parse/words.toml:7:3 · equals" in detail
    assert "unit/parse/words/bad/native-linux-x64/drain.stdout" in detail
    assert ".venv/bin/pytest scenarios/unit/parse/words.toml::bad --artifact=native-linux-x64 --keep" in detail
    assert [attributes["class"] for attributes, _ in shown.all("span") if "class" in attributes and attributes["class"] in ("plus", "minus", "same")] == [
        "same",
        "minus",
        "plus",
    ]
    assert not list(shown.all("img"))
    selected = [attributes["data-cell"] for attributes, _ in shown.all("td", aria_selected="true")]
    assert selected == ["unit/parse/words::bad@native-linux-x64"]


def test_the_browser_and_the_harness_quote_replay_commands_alike(browser: Browser, tmp_path: Path) -> None:
    odd = cell("it's $HOME", "native-linux-x64", Verdict.FAILED)
    run = Run("p", ARTIFACTS, (odd,), replay="pytest")
    write_text(tmp_path / "m.html", matrix(run))
    shown = browser(tmp_path / "m.html", "#cell=unit/parse/words::it%27s%20%24HOME@native-linux-x64")
    assert shown.text("section", id="detail").removesuffix("Copy").endswith(run.reproduce(odd))


def test_a_screen_reader_finds_a_grid_and_the_keyboard_one_way_in(browser: Browser, page: Path) -> None:
    shown = browser(page)
    table = next(attributes for attributes, _ in shown.all("table", role="grid"))
    assert (table["aria-rowcount"], table["aria-colcount"]) == ("8", "3")
    assert table["aria-label"]
    assert [text for _, text in shown.all("th", role="columnheader")] == ["scenario :: case", "native-linux-x64", "frozen-linux-x64"]
    assert [attributes["aria-rowindex"] for attributes, _ in shown.all("tr") if "aria-rowindex" in attributes] == [str(number) for number in range(1, 9)]
    assert len(list(shown.all("td", role="gridcell", tabindex="0"))) == 1
    assert next(shown.all("p", id="status"))[0]["role"] == "status"
    assert [text for _, text in shown.all("legend")] == ["Verdict", "Tier", "Artifact"]


KEYS = [
    (["ArrowDown", "ArrowRight"], "unit/parse/words::allowed@frozen-linux-x64", ""),
    (["ArrowUp", "ArrowLeft", "End"], "feature/upgrade/drain::drain@frozen-linux-x64", ""),
    (["PageDown", "Home"], "unit/parse/words::terminal@native-linux-x64", ""),
    (["ArrowDown", "Enter"], "detail", "#cell=unit/parse/words::allowed@native-linux-x64"),
    (["ArrowDown", "Enter", "Escape"], "unit/parse/words::allowed@native-linux-x64", "#cell=unit/parse/words::allowed@native-linux-x64"),
]


def test_the_keyboard_moves_and_opens(browser: Browser, page: Path) -> None:
    script = """
    const reset = document.getElementById("reset");
    return KEYS.map((keys) => {
      document.activeElement.blur();
      reset.click();
      for (const key of ["Home", "PageUp"]) press(key);
      keys.forEach(press);
      return [document.activeElement.dataset.cell || document.activeElement.id, decodeURIComponent(location.hash)];
    });
    """
    found = driven(browser, page, script.replace("KEYS", json.dumps([keys for keys, _, _ in KEYS])))
    assert found == [[focus, address] for _, focus, address in KEYS]


def test_boxes_and_text_change_the_view_and_the_address(browser: Browser, page: Path) -> None:
    script = """
    const status = () => [document.getElementById("status").textContent, location.hash];
    const steps = [];
    document.querySelector("#verdict [value=failed]").click(); steps.push(status());
    document.querySelector("#tier [value=feature]").click(); steps.push(status());
    document.getElementById("reset").click(); steps.push(status());
    const text = document.getElementById("text");
    text.value = "kernel is old"; text.dispatchEvent(new Event("input")); steps.push(status());
    return steps;
    """
    assert driven(browser, page, script) == [
        ["1 of 7 cases: 1 failed.", "#verdict=failed"],
        ["0 of 7 cases.", "#verdict=failed&tier=feature"],
        ["7 of 7 cases: 2 passed, 1 failed, 1 expected failure, 1 unsupported, 1 harness error, 1 tolerated failure.", ""],
        ["1 of 7 cases: 1 expected failure.", "#text=kernel+is+old"],
    ]


def test_a_page_with_50000_cells_holds_only_what_can_be_seen(browser: Browser, tmp_path: Path) -> None:
    cells = tuple(
        cell(
            f"case-{number:05}",
            artifact.id,
            Verdict.FAILED if number == 24_000 and artifact is ARTIFACTS[0] else Verdict.PASSED,
            scenario=f"unit/area/scenario-{number // 100:03}",
        )
        for number in range(25_000)
        for artifact in ARTIFACTS
    )
    path = tmp_path / "big.html"
    write_text(path, matrix(ordered(Run("p", ARTIFACTS, cells))))
    shown = browser(path)
    assert 10 < len(shown.rows) < 100
    assert shown.text("p", id="status") == "25000 of 25000 cases: 49999 passed, 1 failed."
    far = browser(path, "#cell=unit/area/scenario-240::case-24000@frozen-linux-x64")
    assert "unit/area/scenario-240 :: case-24000" in far.rows
    assert len(far.rows) < 100
    failed = browser(path, "#verdict=failed")
    assert [row.split(":: ")[1] for row in failed.rows] == ["case-24000"]
    assert failed.text("p", id="status") == "1 of 25000 cases: 1 failed."


def test_nothing_is_loaded_from_anywhere(page: Path) -> None:
    text = page.read_text("utf-8")
    head, data = text.split('<script type="application/json" id="data">')
    assert not set("<>&") & set(data.split("</script>")[0])  # the texts in it, among them "</script>", cannot end it
    assert "default-src 'none'" in head
    loading = ("link", "img", "iframe", "object", "embed")
    assert not [attributes for tag, attributes, _ in Page(head).elements if tag in loading or "src" in attributes]
    assert not re.search(r"@import|url\(", head)
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|import)\s*\(", text)
