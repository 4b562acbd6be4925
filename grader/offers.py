"""A card's own choices, put in an order that tells nothing, for the generators of decision labs."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from atelier.kits.decisions.records import Option, Truth


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a card before it is put in order.

    `right` are labels; `wrong` are (label, cost per unit of stake, whether nobody may take it).
    """

    right: tuple[str, ...]
    wrong: tuple[tuple[str, float, bool], ...]
    why: str
    lure: str


class Order:
    """Puts choices in order such that the right one stands at each place about equally often."""

    def __init__(self, rng: Random, n: int) -> None:
        self._rng, self._n = rng, n
        self._places: dict[str, list[int]] = {}

    def arrange(self, name: str, number: int, asked: Asked) -> tuple[tuple[Option, ...], Truth]:
        """Return the choices of question `name` on card `number`, with ids by their place, and the truth about them."""
        size = len(asked.right) + len(asked.wrong)
        if name not in self._places:
            self._places[name] = [i % size for i in range(self._n)]
            self._rng.shuffle(self._places[name])
        wrong = self._rng.sample(asked.wrong, len(asked.wrong))
        at = min(self._places[name][number], len(wrong))
        labels = [*(label for label, _, _ in wrong[:at]), *asked.right, *(label for label, _, _ in wrong[at:])]
        ids = {label: "abcdefghij"[place] for place, label in enumerate(labels)}
        truth = Truth(
            tuple(ids[label] for label in asked.right),
            asked.why,
            asked.lure,
            {ids[label]: cost for label, cost, _ in wrong},
            tuple(ids[label] for label, _, never in wrong if never),
        )
        return tuple(Option(ids[label], label) for label in labels), truth
