"""Cards and the front page: read back from the printed sheet, and followed in a real browser to a real login."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Browser, Error, Page

from provisioning.hosts import front_page
from provisioning.hosts.cards import Card, html_of, one_click, pdf_of
from provisioning.hosts.seats import Seat
from tests.provisioning.hosts.checks.seat_hub import SeatHub, seat_hub

ADA = Seat(name="ada", host="gpu-1", code="k7qm-3xwd-9tha", person="Ada <Lovelace> & Łukasz Nguyễn")
SPARE = Seat(name="spare-01", host="gpu-2", code="2222-3333-4444")
URL = "https://gpu-1.example.org"
FRONT = "https://gpu-1.example.org/hub/seat"


def card(seat: Seat, front: str = FRONT) -> Card:
    return Card.of(seat, workshop="PyCon 2027", url=URL, front=front)


@pytest.fixture(scope="module")
def running(lab_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeatHub]:
    with seat_hub(tmp_path_factory.mktemp("hub"), lab_python) as made:
        yield made


def test_a_card_says_who_with_which_code_and_where() -> None:
    assert card(ADA) == Card("PyCon 2027", ADA.person, "ada", ADA.code, FRONT, f"{URL}/hub/login#ada:k7qm-3xwd-9tha")
    assert card(ADA, front="").address == URL


def test_every_word_of_a_card_and_its_qr_code_are_on_the_printed_sheet() -> None:
    pdf = pypdfium2.PdfDocument(pdf_of([card(ADA), card(SPARE)]))
    assert len(pdf) == 1
    text = " ".join(pdf[0].get_textpage().get_text_bounded().split())
    for words in (ADA.person, "ada", ADA.code, "spare-01", SPARE.code, FRONT):
        assert words in text
    codes = {found.text for found in zxingcpp.read_barcodes(pdf[0].render(scale=2).to_pil())}
    assert codes == {card(ADA).link, card(SPARE).link}


def test_ten_cards_are_a_sheet_and_eleven_are_two() -> None:
    assert len(pypdfium2.PdfDocument(pdf_of([card(ADA)] * 10))) == 1
    assert len(pypdfium2.PdfDocument(pdf_of([card(ADA)] * 11))) == 2


def test_a_long_name_stays_on_its_card() -> None:
    long = Seat(name="a" * 28, host="gpu-1", code=ADA.code, person="Wolfeschlegelsteinhausenbergerdorff " * 3)
    pdf = pypdfium2.PdfDocument(pdf_of([card(long)] * 10))
    assert len(pdf) == 1
    assert len(zxingcpp.read_barcodes(pdf[0].render(scale=2).to_pil())) == 10


def test_the_page_of_cards_prints_on_the_same_sheets(chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "cards.html"
    file.write_text(html_of([card(ADA), *[card(SPARE)] * 10]))
    page = chromium.new_page()
    page.goto(file.as_uri())
    assert page.inner_text("article:first-of-type h2") == ADA.person
    pdf = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    assert len(pdf) == 2
    codes = {found.text for found in zxingcpp.read_barcodes(pdf[0].render(scale=2).to_pil())}
    assert codes == {card(ADA).link, card(SPARE).link}


def page_at(chromium: Browser, tmp_path: Path, seats: list[Seat], urls: dict[str, str], name: str) -> str:
    """Where the front page leads who types `name`; its message where it leads nowhere."""
    file = tmp_path / "front-page.html"
    file.write_text(front_page.html_of("PyCon </script>", seats, urls))
    page = chromium.new_page()
    page.route(re.compile("example"), lambda route: route.fulfill(body="a login page"))
    page.goto(file.as_uri())
    page.fill("#seat", name)
    page.click("button")
    page.wait_for_function("location.protocol === 'https:' || document.getElementById('said').textContent")
    return page.url if page.url.startswith("https:") else page.inner_text("#said")


@pytest.mark.parametrize(
    ("name", "leads_to"),
    [
        ("ada", "https://gpu-1.example/hub/login#ada"),
        (" SPARE-01 ", "https://gpu-2.example/hub/login#spare-01"),
        ("zoe", "No seat has this name: it is the one under your own on the card."),
    ],
)
def test_the_front_page_leads_to_the_host_of_the_seat(
    chromium: Browser, tmp_path: Path, name: str, leads_to: str
) -> None:
    urls = {"gpu-1": "https://gpu-1.example", "gpu-2": "https://gpu-2.example"}
    assert page_at(chromium, tmp_path, [ADA, SPARE], urls, name) == leads_to


def test_the_front_page_tells_no_name_and_no_code() -> None:
    text = front_page.html_of("PyCon", [ADA, SPARE], {"gpu-1": URL, "gpu-2": URL})
    assert not any(word in text for word in ("ada", "spare", ADA.code, "Lovelace"))


def visit(page: Page, url: str) -> None:
    """Open `url`. Chromium drops a request when a network comes or goes, as Docker's do on a machine that tests."""
    for _ in range(5):
        try:
            page.goto(url)
        except Error as error:
            if "ERR_NETWORK_CHANGED" not in error.message:
                raise
        else:
            return
    raise AssertionError(f"the network changes all the time: {url}")


def test_one_click_on_a_card_logs_in_and_leaves_no_code_in_the_address(chromium: Browser, running: SeatHub) -> None:
    code = running.seats.issue(["ada"])["ada"]
    page = chromium.new_context(ignore_https_errors=True).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, one_click(running.url, Seat(name="ada", host="here", code=code)))
    page.wait_for_url(re.compile("/hub/spawn|/user/ada"))
    assert not any(code in url for url in [page.url, *asked])


def test_the_hub_serves_the_front_page_when_there_is_one(chromium: Browser, running: SeatHub) -> None:
    page = chromium.new_context(ignore_https_errors=True).new_page()
    assert page.request.get(f"{running.url}/hub/seat").status == 404
    visit(page, f"{running.url}/hub/login")
    assert page.locator("text=Your seat may be on another host").count() == 0

    (running.folder / "front-page.html").write_text(front_page.html_of("PyCon", [ADA], {"gpu-1": running.url}))
    visit(page, f"{running.url}/hub/login")
    page.click("text=Your seat may be on another host")
    page.fill("#seat", "ada")
    page.click("button")
    page.wait_for_url(re.compile("/hub/login"))
    assert page.input_value("#username_input") == "ada"
    assert page.evaluate("document.activeElement.id") == "password_input"
