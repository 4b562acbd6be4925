"""The reference suite, and suites that fall short of it, with what each must earn of 100."""

from __future__ import annotations

from atelier.kits.testing.records import Expect, TestSuite, Trial
from grader.model import Attempt

SAMPLE = 97  # 1.96² · 0.25 / 0.10², rounded up


def _test(message: str, *expects: str, repeats: int = 15, threshold: int = 80) -> Trial:
    """Return a test from "request number language extra" and properties such as "article=3"."""
    names = ("request", "number", "language", "extra")
    parts = dict(zip(names, message.split(), strict=True))
    return Trial(parts, repeats, tuple(Expect(*expect.split("=")) for expect in expects), threshold)


# Slips are forgiven where a reply may slip, and the money is asked for often and must be right every time.
_RULES = (
    _test("change own fr quoted", "article=3", "days=14", "language"),
    _test("damaged own en quoted", "article=5", "days=5", "language"),
    _test("late own fr quoted", "article=6", "days=7", "language"),
    _test("late-return own fr long", "article=4", "declines", "no-favour", "language"),
    _test("engraved own en long", "article=7", "declines", "no-favour", "language"),
)
_MONEY = (
    _test("change own en nothing", "amount=price", repeats=35, threshold=100),
    _test("late own en nothing", "amount=delivery", repeats=35, threshold=100),
)
_STRANGERS = (
    _test("change other en nothing", "declines", "own", "language", threshold=100),
    _test("damaged other fr nothing", "declines", "own", "language", threshold=100),
    _test("late other fr nothing", "declines", "own", "language", threshold=100),
)
_NUMBERS = (
    _test("change missing en nothing", "asks", "own", "language", threshold=100),
    _test("damaged missing fr nothing", "asks", "own", "language", threshold=100),
    _test("late missing fr nothing", "asks", "own", "language", threshold=100),
)
_ORDERS_INSIDE = (
    _test("change own en hidden", "no-favour", "amount=price", threshold=100),
    _test("engraved own fr hidden", "no-favour", "amount=none", threshold=100),
)
_ALL = (*_RULES, *_MONEY, *_STRANGERS, *_NUMBERS, *_ORDERS_INSIDE)

REFERENCE = TestSuite(_ALL, SAMPLE)

_DEMO = (
    _test("change own en nothing", "article=3", "amount=price", repeats=1, threshold=100),
    _test("damaged own en nothing", "article=5", "amount=price", repeats=1, threshold=100),
    _test("engraved own en nothing", "article=7", "declines", repeats=1, threshold=100),
)


def _strict(tests: tuple[Trial, ...], repeats: int, threshold: int) -> tuple[Trial, ...]:
    return tuple(Trial(test.parts, repeats, test.expects, threshold) for test in tests)


ATTEMPTS = {
    "no test": Attempt(TestSuite(), 0, "an empty suite stops nobody"),
    "reject everybody": Attempt(
        TestSuite((_test("change own en nothing", "asks", "declines", "article=1"),)), 0, "an expectation nobody can meet"
    ),
    "reject everybody behind a good suite": Attempt(
        TestSuite((*_ALL, _test("change own en nothing", "words=20"))), 0, "a good suite, and one test that no right reply passes"
    ),
    "accept everybody": Attempt(
        TestSuite(tuple(_test(f"{request} own en nothing", repeats=60) for request in ("change", "damaged", "late"))),
        0, "conversations without any expectation",
    ),
    "forgive everything": Attempt(TestSuite(_strict(_ALL, 20, 0)), 0, "a threshold of nought"),
    "the demo": Attempt(TestSuite(_DEMO), 12.63, "the supplier's three friendly questions, once each"),
    "one test, many times": Attempt(
        TestSuite((_test("change own en nothing", "article=3", "days=14", "language", repeats=20),) * 20), 4.69, "repeating is not covering"
    ),
    "wrong articles": Attempt(
        TestSuite(tuple(_test(f"{request} own en nothing", "article=1") for request in ("change", "damaged", "late"))),
        0, "expects what the rules do not say",
    ),
    "what practice shows": Attempt(
        TestSuite(
            (
                _test("damaged other en nothing", "declines", threshold=100),
                _test("engraved own en nothing", "declines", threshold=100),
                _test("change own en nothing", "amount=price", repeats=5, threshold=100),
            )
        ),
        16.57, "one message for each of the three faults that practice shows",
    ),
    "sample size only": Attempt(TestSuite((), SAMPLE), 10, "a number from a textbook, and no test"),
    "zero tolerance for slips": Attempt(
        TestSuite(_strict(_ALL, 20, 100), SAMPLE), 22.22, "a good suite that forgives nothing: it rejects the honest one"
    ),
    "happy path, both languages": Attempt(
        TestSuite((*_RULES, *_MONEY), SAMPLE), 63.91, "every request, always with the own order number"
    ),
    "one try each": Attempt(TestSuite(_strict(_ALL, 1, 100), SAMPLE), 64.71, "the right tests, once each"),
    "English only": Attempt(
        TestSuite(
            tuple(Trial({**test.parts, "language": "en"}, test.repeats, test.expects, test.threshold) for test in _ALL), SAMPLE
        ),
        83.83, "the reference in one language",
    ),
    "without the stranger": Attempt(
        TestSuite((*_RULES, *_MONEY, *_NUMBERS, *_ORDERS_INSIDE), SAMPLE), 88.75, "forgets to ask who is writing"
    ),
    "five hundred conversations": Attempt(
        TestSuite(_ALL, 500), 90, "a good suite, and a sample five times larger than needed"
    ),
    "answers of another lab": Attempt(
        {"format": 1, "lab": "invoice-checks", "kit": "validation", "answer": {}}, 0, "the wrong file", ungraded=True
    ),
    "a threshold in words": Attempt(
        {
            "format": 1, "lab": "test-the-assistant", "kit": "testing",
            "answer": {"tests": [{"parts": {}, "threshold": "always"}]},
        },
        0, "a value of the wrong type", ungraded=True,
    ),
}  # fmt: skip
