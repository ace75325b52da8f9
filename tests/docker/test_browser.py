"""Three attendees in real browsers: two on a GPU each, the third queued, told so, and served when one leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as TookTooLongError

from tests.docker.attendee import Attendee
from tests.docker.fake_gpus import SEEN_AT
from tests.docker.stack import Stack

START_LIMIT_MS = 150_000
NAMES = ("ada", "ben", "cleo")


@pytest.fixture
def at_the_door(stack: Stack, chromium: Browser) -> Iterator[dict[str, Page]]:
    """A browser window for each attendee, logged in, with the page before a start."""
    expect.set_options(timeout=60_000)
    password = stack.password()
    windows = {name: chromium.new_context().new_page() for name in NAMES}
    for name, page in windows.items():
        page.goto(stack.url)
        expect(page.get_by_role("heading", name="GIL-free Python and the GPU")).to_be_visible()
        page.locator("#username_input").fill(name)
        page.locator("#password_input").fill(password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Start your session")).to_be_visible()
    yield windows
    for name, page in windows.items():
        page.context.close()
        Attendee(stack.url, name, password).leave()


def start(page: Page) -> None:
    page.reload()  # what the page says is of now
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Your session starts")).to_be_visible()


def in_the_lab(page: Page, name: str) -> None:
    page.wait_for_url(re.compile(rf"/user/{name}/lab"), timeout=START_LIMIT_MS, wait_until="commit")
    files = page.locator(".jp-DirListing-item", has_text="index.md")
    try:
        files.wait_for(timeout=START_LIMIT_MS / 3)
    except TookTooLongError:  # a browser breaks off what it loads when its machine's networks change: here they do
        page.reload()
        files.wait_for(timeout=START_LIMIT_MS)


def test_two_work_on_two_gpus_and_the_third_waits_until_one_leaves(stack: Stack, at_the_door: dict[str, Page]) -> None:
    ada, ben, cleo = (at_the_door[name] for name in NAMES)
    expect(ada.locator("#gpu-slots")).to_have_text("2 of 2 GPU slots are free.")
    start(ada)
    start(ben)
    in_the_lab(ada, "ada")
    in_the_lab(ben, "ben")
    assert {stack.in_session(name, "cat", SEEN_AT).stdout.strip() for name in ("ada", "ben")} == set(stack.gpus)

    cleo.reload()
    expect(cleo.locator("#gpu-slots")).to_have_text(re.compile("All 2 GPU slots are taken since"))
    expect(cleo.get_by_label("On a GPU: you will be number 1 in the queue")).to_be_checked()
    start(cleo)
    expect(cleo.locator("#progress-message")).to_have_text(re.compile("You are number 1 in the queue"))
    left = stack.in_session("ben", "cat", SEEN_AT).stdout

    ben.goto(f"{stack.url}/hub/home")
    ben.get_by_role("button", name="Stop My Server").click()
    in_the_lab(cleo, "cleo")
    assert stack.in_session("cleo", "cat", SEEN_AT).stdout == left
