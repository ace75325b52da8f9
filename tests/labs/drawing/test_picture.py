from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.drawing import picture
from labs.drawing.picture import WIDTH, Bar, Tone, clean

SVG = "{http://www.w3.org/2000/svg}"
WIDEST = 0.75  # of a sans-serif character, in font sizes


def drawn(svg: str) -> ElementTree.Element:
    """The picture's root; an error where it is no XML."""
    return ElementTree.fromstring(svg)


def texts(root: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def rects(root: ElementTree.Element) -> list[dict[str, float]]:
    return [
        {name: float(each.attrib[name]) for name in ("x", "y", "width", "height")} for each in root.iter(f"{SVG}rect")
    ]


def extent(text: ElementTree.Element) -> tuple[float, float]:
    """From where to where a text reaches, at most."""
    x, wide = float(text.attrib["x"]), len(text.text or "") * float(text.attrib["font-size"]) * WIDEST
    left = {"start": x, "middle": x - wide / 2, "end": x - wide}[text.attrib["text-anchor"]]
    return left, left + wide


def bars(lanes: int, count: int) -> list[Bar]:
    return [(number % lanes, f"row {number}", number * 0.001, number * 0.001 + 0.003) for number in range(count)]


@pytest.mark.parametrize("lanes", [1, 2, 16])
@pytest.mark.parametrize("count", [16, 1000])
def test_a_timeline_has_a_lane_for_each_thread_and_a_bar_for_each_stretch_of_work(lanes: int, count: int) -> None:
    root = drawn(picture.timeline(bars(lanes, count)))
    labels = [text for text in texts(root) if re.fullmatch(r"thread \d+", text)]
    assert labels == [f"thread {lane + 1}" for lane in range(lanes)]
    assert len(rects(root)) == count
    assert len({rect["y"] for rect in rects(root)}) == lanes
    height = float(root.attrib["viewBox"].split()[3])
    for rect in rects(root):
        assert rect["x"] >= 78
        assert rect["x"] + rect["width"] <= WIDTH
        assert rect["y"] + rect["height"] <= height
        assert rect["width"] >= 1.5


def test_bars_at_the_same_time_stand_in_one_column() -> None:
    one, other, later = rects(drawn(picture.timeline([(0, "a", 0, 1), (1, "b", 0, 1), (0, "c", 1, 2)])))
    assert (one["x"], one["width"]) == (other["x"], other["width"])
    assert later["x"] == pytest.approx(one["x"] + one["width"], abs=0.2)


def test_a_timeline_says_how_many_threads_for_how_long() -> None:
    assert texts(drawn(picture.timeline([(0, "", 0, 2)])))[0] == "1 thread, 2.00 s"
    assert texts(drawn(picture.timeline([(0, "", 0, 0.0025), (1, "", 0, 0.001)])))[0] == "2 threads, 2.5 ms"
    assert texts(drawn(picture.timeline([(0, "", 0, 2)], "mine")))[:2] == ["mine", "1 thread, 2.00 s"]


def test_threads_that_are_not_drawn_are_told() -> None:
    root = drawn(picture.timeline(bars(40, 80)))
    assert texts(root)[0] == "40 threads (16 of them drawn), 82 ms"
    assert len({rect["y"] for rect in rects(root)}) == 16


def test_a_name_is_on_its_bar_only_where_it_fits_and_always_in_its_tooltip() -> None:
    root = drawn(picture.timeline([(0, "long enough", 0, 1), (0, "too short", 1, 1.01)]))
    assert "long enough" in texts(root)
    assert "too short" not in texts(root)
    assert [each.text for each in root.iter(f"{SVG}title")] == ["long enough", "too short"]


def test_nothing_is_drawn_of_nothing_but_the_words() -> None:
    assert texts(drawn(picture.timeline([]))) == ["nothing ran"]


times = st.floats(0, 1e4)
any_bars = st.lists(st.tuples(st.integers(0, 20), st.text(), times, times).map(lambda b: (*b[:2], *sorted(b[2:]))))


@given(any_bars, st.text())
def test_any_timeline_is_valid_xml(stretches: list[Bar], title: str) -> None:
    drawn(picture.timeline(stretches, title))


@given(st.text(st.characters()))
def test_any_text_can_stand_in_a_document_and_says_the_same(text: str) -> None:
    parsed = ElementTree.fromstring(f"<p>{clean(text)}</p>").text or ""
    assert len(parsed.replace("\r\n", "\n")) <= len(text)
    assert "<" not in clean(text)


@pytest.mark.parametrize("ceiling", [0.9, 1.3, 2.0, 16.0])
@pytest.mark.parametrize("gain", [0.2, 0.98, 1.02, 1.4, 2.1, 7.5, 16.0])
@pytest.mark.parametrize("required", [0.6, 0.9, 1.2])
def test_nothing_in_the_speed_picture_collides_or_leaves_it(gain: float, ceiling: float, required: float) -> None:
    root = drawn(picture.speed(gain, ceiling, required, "good"))
    height = float(root.attrib["viewBox"].split()[3])
    words = list(root.iter(f"{SVG}text"))
    (mark,) = root.iter(f"{SVG}line")
    for word in words:
        left, right = extent(word)
        assert left >= 0
        assert right <= WIDTH
        assert float(word.attrib["y"]) <= height - 3
        baseline, size = float(word.attrib["y"]), float(word.attrib["font-size"])
        for rect in rects(root):
            beside = right <= rect["x"] or left >= rect["x"] + rect["width"]
            apart = baseline <= rect["y"] or baseline - size >= rect["y"] + rect["height"]
            assert beside or apart, f"{word.text} stands on a bar"
        off_the_mark = right <= float(mark.attrib["x1"]) or left >= float(mark.attrib["x1"])
        assert off_the_mark or baseline - size >= float(mark.attrib["y2"]) - 1, f"{word.text} stands on the mark"


def test_the_speed_picture_compares_with_one_thread_and_with_the_machine() -> None:
    root = drawn(picture.speed(1.5, 2.0, 0.7, "good"))
    assert texts(root) == [
        *("one thread", "1.00x", "your threads", "1.50x", "this machine", "2.00x"),
        "needed: 1.40x",
    ]
    one, mine, machine = (rect["width"] for rect in rects(root))
    assert mine == pytest.approx(1.5 * one, abs=0.2)
    assert machine == pytest.approx(2 * one, abs=0.2)


@pytest.mark.parametrize("tone", ["good", "bad", "unsure"])
def test_the_gain_has_the_colour_of_its_verdict(tone: Tone) -> None:
    assert f"var(--ws-{tone}," in picture.speed(1.5, 2.0, 0.7, tone)
