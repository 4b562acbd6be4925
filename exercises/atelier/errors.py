"""What can go wrong on the bench, each with a remedy in plain words.

AtelierError
├── AnswersError            the file `answers.json` cannot be used
│   ├── AnswersAbsent       there is none: nothing was answered
│   ├── AnswersEmpty        the file holds nothing
│   ├── AnswersTooLarge     more than an answer can be
│   ├── AnswersNotJson      not JSON, or not UTF-8
│   ├── AnswersOtherLab     it belongs to another lab
│   └── AnswersWrongShape   JSON, but not this lab's kind of answer
├── ModelError              the practice model did not reply
│   ├── ModelAbsent         no model is configured or fetched
│   └── ModelUnreachable    it is configured, but does not answer
├── AskRefused              the policy forbids what was asked of the assistant
└── ExchangeError           handing in or fetching failed
"""

from __future__ import annotations


class AtelierError(Exception):
    """Root of every error that Atelier raises on purpose. `says` is the fact, `remedy` the next step."""

    def __init__(self, says: str, remedy: str = "") -> None:
        self.says, self.remedy = says, remedy
        super().__init__(f"{says} {remedy}".strip())

    def _render_traceback_(self) -> list[str]:
        """Say in a notebook what happened, where IPython would show where in our code."""
        return [line for line in (self.says, self.remedy) if line]


class AnswersError(AtelierError):
    """`answers.json` cannot be used as it is."""


class AnswersAbsent(AnswersError):
    """There is no `answers.json`: the form was never filled in."""


class AnswersEmpty(AnswersError):
    """`answers.json` is a file of zero bytes."""


class AnswersTooLarge(AnswersError):
    """`answers.json` is larger than any answer can be."""


class AnswersNotJson(AnswersError):
    """`answers.json` does not hold JSON."""


class AnswersOtherLab(AnswersError):
    """`answers.json` belongs to another lab."""


class AnswersWrongShape(AnswersError):
    """`answers.json` is JSON, but not this lab's kind of answer."""


class ModelError(AtelierError):
    """The practice model could not reply."""


class ModelAbsent(ModelError):
    """No practice model is configured, or its file was not fetched."""


class ModelUnreachable(ModelError):
    """The practice model is configured but does not answer."""


class AskRefused(AtelierError):
    """The policy forbids to send a prompt; nothing was sent."""


class ExchangeError(AtelierError):
    """Handing in, fetching a lab or fetching feedback failed."""
