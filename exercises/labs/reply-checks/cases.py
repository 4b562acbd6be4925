"""Tickets of a shop, the replies drafted for them under its policy, and fifteen ways in which a draft goes wrong.

Half of the drafts are right; most of those look odd for a good reason. Some were really written by the embedded practice
model (replies/drafts.json); the rest are seeded. Facts come first, then the draft states them, then a fault bends it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from atelier.kits.validation.records import CheckCase
from grader import halves, invent

PUBLIC_FAULTS = ("wrong delay", "digit swap in the amount", "invented article")
PUBLIC_ODD = ("ordinary", "in French", "refused, because late", "greeted by family name", "last day of the deadline")
ODD = (
    *PUBLIC_ODD, "a second order of the same customer", "days in words", "“we cannot promise”", "the maker's guarantee named",
    "quote with […]", "somebody else of that name", "curly and foreign quotation marks", "no fee, no refund, no figure",
)  # fmt: skip
_ITEMS = (
    "Studio monitors, pair", "Turntable T4", "Kettle 1.7 l", "Hand blender", "Portable radio", "Soundbar 40",
    "Espresso grinder", "Bluetooth speaker", "Induction plate", "Food dehydrator", "Record cleaner", "Headphones over-ear",
)  # fmt: skip
_OWN_ITEMS = {
    "hygiene goods": ("In-ear phones", "Shaver S3"),
    "custom-made item": ("Engraved radio", "Turntable with name plate"),
}
_COMPLAINTS = {
    "change of mind": ("I changed my mind about the {item}.", "Finalement le {item} ne me convient pas, je voudrais le rendre."),
    "wrong item sent": ("You sent me something else, not the {item}!", "Ce n'est pas le {item} que j'ai commandé ..."),
    "damaged in transit": ("Box crushed, {item} cracked. Photo attached.", "Le carton était enfoncé et le {item} est cassé."),
    "fault in use": ("The {item} stopped working after a while.", "Le {item} ne s'allume plus."),
    "hygiene goods": ("My {item} are still sealed, can I return them?", "{item} : encore scellé, puis-je le rendre ?"),
    "late delivery": ("The {item} came far too late for the birthday.", "Livré beaucoup trop tard !!"),
    "recall by the maker": ("I read that the {item} is being recalled.", "Le fabricant rappelle le {item}, que faire ?"),
    "gift returned": ("I got the {item} as a present and own one already.", "On m'a offert le {item}, je l'ai déjà."),
    "custom-made item": ("The engraving on the {item} has a typo.", "La gravure du {item} est fausse."),
    "missing part": ("The lid of the {item} was not in the box.", "Il manque le câble du {item}."),
    "demonstration model": ("The ex-display {item} is more scratched than you said.", "Le {item} d'exposition est rayé."),
}  # fmt: skip
_NOTICE = {
    "en": ("If you disagree, you may turn to the consumer mediator free of charge.", "You may also ask the consumer mediator."),
    "fr": ("En cas de désaccord, vous pouvez saisir gratuitement le médiateur de la consommation.",
           "Le médiateur de la consommation reste à votre disposition."),
}  # fmt: skip
_VERDICT = {
    "refund": ("we refund € {amount}{less}", "nous vous remboursons {amount} €{less}"),
    "replacement": ("we send you a replacement", "nous vous envoyons un nouvel article"),
    "repair": ("we repair it", "nous le réparons"),
    "voucher": ("you receive a voucher{worth}", "vous recevez un bon d'achat{worth}"),
    "correction": ("we correct it", "nous le corrigeons"),
    "parts": ("we send the missing part", "nous envoyons la pièce manquante"),
}
_WORDS = {14: "fourteen", 30: "thirty", 5: "five", 12: "twelve", 45: "forty-five", 60: "sixty", 3: "three", 21: "twenty-one", 8: "eight"}  # fmt: skip
_PROMISES = (
    ("We guarantee that it will be with you by Friday.", "Nous vous garantissons une livraison vendredi."),
    ("I promise that this will not happen again.", "Je vous promets que cela n'arrivera plus."),
    (
        "As an exception, we will also cover the next repair.",
        "À titre exceptionnel, la prochaine réparation est pour nous.",
    ),
    ("We promise you a call from my manager today.", "Nous vous promettons un appel aujourd'hui."),
)
_CHATTER = (
    "Sent from my phone",
    "Merci d'avance !",
    "PS: your chat is down again",
    "Cordialement",
    "ps. 2nd mail about this",
)

Facts = dict[str, Any]
Tables = dict[str, tuple[tuple[str, ...], ...]]


@cache
def _policy() -> tuple[dict[str, str], ...]:
    """Return the articles, from the one place where they stand: the lab's setup."""
    raw = tomllib.loads((Path(__file__).parent / "lab.toml").read_text(encoding="utf-8"))
    table = next(table for table in raw["setup"]["tables"] if table["name"] == "policy")
    return tuple(dict(zip(table["columns"], row, strict=True)) for row in table["rows"])


def _order(rng: Random) -> str:
    return f"TA-{rng.randrange(20_000, 79_999)}"


def _facts(rng: Random, odd: str, article: dict[str, str]) -> Facts:
    """Draw a ticket about `article` and decide it rightly; `odd` bends it."""
    limit = int(article["days"])
    late = odd == "refused, because late"
    gap = (
        limit + rng.randrange(1, 40)
        if late
        else limit
        if odd == "last day of the deadline"
        else rng.randrange(1, limit)
    )
    delivered = invent.day(rng, date(2025, 9, 1), 120)
    price = invent.cents(rng, 20, 600)
    return {
        "order": _order(rng),
        "customer": invent.person(rng),
        "item": rng.choice(_OWN_ITEMS.get(article["topic"], _ITEMS)),
        "price": price,
        "article": article,
        "decision": "refused" if late else article["decision"],
        "delivered": delivered,
        "asked": delivered + timedelta(days=gap),
        "second": _order(rng) if odd == "a second order of the same customer" else "",
        "french": odd == "in French" or (odd not in ("days in words", "“we cannot promise”") and rng.random() < 0.2),
        "odd": odd,
    }


def _ticket(rng: Random, facts: Facts) -> str:
    """Write what the help desk sees: a header, the customer's mail, often an earlier mail below it."""
    complaint = _COMPLAINTS[facts["article"]["topic"]][facts["french"]].format(item=facts["item"])
    first = facts["customer"].split()[0]
    rows = [
        f"Ticket {rng.randrange(100_000, 999_999)} · {facts['article']['topic']}",
        f"From: {facts['customer']}   Sent: {facts['asked']:%d/%m/%Y} {rng.randrange(7, 23)}h{rng.randrange(60):02d}",
        "",
        rng.choice(("Hello,", "Hi there", "Bonjour,", "Good morning,")),
        complaint,
        f"{rng.choice(('Order', 'commande', 'my order no.', 'réf.'))} {facts['order'].replace('-', rng.choice(('-', ' ', '')))}",
    ]
    if facts["second"]:
        rows.append(f"(not the other one, {facts['second']}, that is fine)")
    rows += [rng.choice(("Thanks", "Best,", "Merci", "...")), first if rng.random() < 0.6 else facts["customer"]]
    if rng.random() < 0.5:
        rows.append(rng.choice(_CHATTER))
    if rng.random() < 0.35:
        day = facts["asked"] - timedelta(days=1)
        rows += ["", f"> On {day:%d/%m/%Y} support wrote:", "> We are looking into it.", "> Ref. help desk"]
    return "\n".join(rows)


def _sentence(article: dict[str, str]) -> str:
    """Return the sentence of an article that sets the deadline, without its full stop."""
    return next(part for part in article["text"].split(". ") if "within" in part).rstrip(".")


def _reply(rng: Random, facts: Facts, draft: dict[str, Any]) -> str:
    """Write the reply that states the draft's facts."""
    french, odd = facts["french"], facts["odd"]
    family = facts["customer"].partition(" ")[2]
    days = str(draft["days"])
    if odd == "days in words":
        days = _WORDS.get(int(days), days)
    if french:
        opening = f"Bonjour {family if odd == 'greeted by family name' else facts['customer']},"
        thanks = f"merci pour votre message au sujet de la commande {draft['order']}."
    else:
        who = (
            f"Dear {rng.choice(('Ms', 'Mr'))} {family}"
            if odd == "greeted by family name"
            else f"Dear {facts['customer']}"
        )
        opening = f"{who},"
        thanks = f"thank you for your message about order {draft['order']}."
    if facts["second"]:
        thanks += (
            f" (Order {facts['second']} stays as it is.)" if not french else f" ({facts['second']} reste inchangée.)"
        )
    marks = ("« ", " »") if french or odd == "curly and foreign quotation marks" else ("“", "”")
    rule = f"{draft['article']}: {marks[0]}{draft['quote']}{marks[1]}."
    if french:
        rule = f"Notre politique, {rule}"
        basis = f"Vous avez écrit dans le délai de {days} jours, donc"
        refusal = f"Le délai de {days} jours était passé : nous ne pouvons pas donner suite."
    else:
        rule = f"Our policy says in {rule}"
        basis = f"You wrote within {days} days of delivery, so"
        refusal = f"You wrote after the {days} days had passed, so we cannot grant this claim."
    if draft["decision"] == "refused":
        verdict = refusal
    else:
        amount = "" if draft["amount"] is None else draft["amount"].replace(".", "," if french else ".")
        fee = draft["fee"] and (draft["fee"].replace(".", ",") + " €" if french else f"€ {draft['fee']}")
        less = f", {'moins' if french else 'less'} {fee}" if fee else ""
        worth = f" {'de' if french else 'of'} {fee}" if fee else ""
        said = _VERDICT[draft["decision"]][french].format(amount=amount, less=less, worth=worth)
        verdict = f"{basis} {said}."
    extra = {
        "“we cannot promise”": "We cannot promise a date for it, but we will write to you." if not french else "",
        "the maker's guarantee named": "The maker's guarantee is not touched by this."
        if not french
        else "La garantie du fabricant reste entière.",
        "somebody else of that name": f"{family} is a name that we have more than once, so please always give the order number."
        if not french
        else "",
    }.get(odd, "")
    notice = rng.choice(_NOTICE["fr" if french else "en"])
    close = "Cordialement,\nLine, service clients" if french else "Kind regards,\nLine, customer care"
    return "\n".join((opening, f"{thanks} {rule}", f"{verdict} {extra}".strip(), notice, close))


def _draft(facts: Facts) -> dict[str, Any]:
    """State the right facts of a reply, without its text."""
    article = facts["article"]
    granted = facts["decision"] != "refused"
    quote = _sentence(article)
    if facts["odd"] == "quote with […]":
        words = quote.split()
        quote = " ".join((*words[: len(words) // 2 - 1], "[…]", *words[len(words) // 2 + 1 :]))
    return {
        "order": facts["order"],
        "customer": facts["customer"],
        "topic": article["topic"],
        "article": article["article"],
        "decision": facts["decision"],
        "delivered": facts["delivered"].isoformat(),
        "asked": facts["asked"].isoformat(),
        "days": article["days"],
        "amount": invent.euros(facts["price"], "plain") if facts["decision"] == "refund" else None,
        "fee": article["fee"] if granted and article["fee"] else None,
        "quote": quote,
        "reply": "",
    }


def _tables(rng: Random, facts: Facts) -> Tables:
    """Return the orders of the week: this one among six others, and the customer's second one."""
    names = [name for name in {invent.person(rng): None for _ in range(12)} if name != facts["customer"]][:6]
    if facts["odd"] == "somebody else of that name":
        names[0] = (
            f"{rng.choice([f for f in invent.FIRST if f not in facts['customer']])} {facts['customer'].partition(' ')[2]}"
        )
    rows = [
        (_order(rng), name, rng.choice(_ITEMS), invent.euros(invent.cents(rng, 20, 600), "plain"),
         invent.day(rng, date(2025, 9, 1), 120).isoformat())
        for name in names
    ]  # fmt: skip
    price = invent.euros(facts["price"], "plain")
    rows.append((facts["order"], facts["customer"], facts["item"], price, facts["delivered"].isoformat()))
    if facts["second"]:
        rows.append((facts["second"], facts["customer"], rng.choice(_ITEMS), "59.90", facts["delivered"].isoformat()))
    rng.shuffle(rows)
    return {"orders": tuple(rows)}


def _other_row(rng: Random, facts: Facts, tables: Tables) -> tuple[str, ...]:
    return rng.choice([row for row in tables["orders"] if row[1] != facts["customer"]])


# A fault changes the stated facts before the reply is written, or the reply after it; it returns the parts that are then wrong.
Fault = Callable[[Random, Facts, dict[str, Any], Tables, int], tuple[str, ...]]


def _wrong_delay(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    draft["days"] = rng.choice([d for d in ("7", "10", "28", "90", "100") if d != draft["days"]])
    return ("days", "reply")


def _digit_swap(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    digits = draft["amount"]
    places = [i for i in range(len(digits) - 1) if "." not in digits[i : i + 2] and digits[i] != digits[i + 1]]
    if places:
        i = rng.choice(places)
        draft["amount"] = digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]
    else:
        draft["amount"] = f"1{digits}"
    return ("amount", "reply")


def _invented(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    draft["article"] = f"Article {rng.randrange(13, 20)}"
    return ("article", "reply")


def _other_matter(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    other = rng.choice([a for a in _policy()[:11] if a["decision"] != "refund" and a["article"] != draft["article"]])
    draft |= {
        "article": other["article"],
        "decision": other["decision"],
        "days": other["days"],
        "amount": None,
        "fee": other["fee"] or None,
        "quote": _sentence(other),
    }
    facts["asked"] = facts["delivered"] + timedelta(days=rng.randrange(1, int(other["days"])))
    draft["asked"] = facts["asked"].isoformat()
    return ("article", "decision", "days", "fee", "quote", "reply")


def _not_granted(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    draft |= {"decision": "refund", "amount": invent.euros(facts["price"], "plain"), "fee": None}
    return ("decision", "amount", "reply")


def _too_late(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    facts["asked"] = facts["delivered"] + timedelta(days=int(draft["days"]) + rng.randrange(1, 60))
    draft["asked"] = facts["asked"].isoformat()
    return ("decision", "asked", "reply")


def _others_amount(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    draft["amount"] = _other_row(rng, facts, tables)[3]
    return ("amount", "reply")


def _others_order(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    row = _other_row(rng, facts, tables)
    draft |= {"order": row[0], "delivered": row[4]}
    draft["asked"] = (date.fromisoformat(row[4]) + timedelta(days=rng.randrange(1, int(draft["days"])))).isoformat()
    if draft["amount"] is not None:
        draft["amount"] = row[3]
    return ("order", "customer", "delivered", "amount", "reply")


def _later_delivery(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    late = int(draft["days"]) + rng.randrange(1, 20)
    facts["asked"] = facts["delivered"] + timedelta(days=late)
    draft["asked"] = facts["asked"].isoformat()
    draft["delivered"] = (facts["asked"] - timedelta(days=rng.randrange(1, int(draft["days"])))).isoformat()
    return ("delivered", "decision", "reply")


def _others_name(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    draft["reply"] = draft["reply"].replace(facts["customer"], _other_row(rng, facts, tables)[1], 1)
    return ("reply", "customer")


def _promise(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    *body, close, sign = draft["reply"].split("\n")
    draft["reply"] = "\n".join((*body, _PROMISES[turn % len(_PROMISES)][facts["french"]], close, sign))
    return ("reply",)


def _no_notice(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    draft["reply"] = "\n".join(
        row for row in draft["reply"].split("\n") if not row.startswith(_NOTICE["en"] + _NOTICE["fr"])
    )
    return ("reply",)


def _bent_quote(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    old = draft["quote"]
    swaps = (
        ("of delivery", "of the first use"),
        ("may ", "must "),
        ("is ", "is always "),
        (" if ", " even if "),
        ("within", "about"),
    )
    fitting = [swap for swap in swaps if swap[0] in old]
    draft["quote"] = old.replace(*fitting[turn % len(fitting)], 1)
    draft["reply"] = draft["reply"].replace(old, draft["quote"])
    return ("quote", "reply")


def _opposite(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    for refused, granted in (
        ("so we cannot grant this claim", "but we grant this claim"),
        ("nous ne pouvons pas donner suite", "nous y donnons suite"),
    ):
        draft["reply"] = draft["reply"].replace(refused, granted)
    return ("reply", "decision")


def _extra(rng: Random, facts: Facts, draft: dict[str, Any], tables: Tables, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    worth = rng.choice((20, 25, 40))
    *body, close, sign = draft["reply"].split("\n")
    more = (
        f"Vous trouverez aussi un bon de {worth},50 €."
        if facts["french"]
        else f"A voucher of € {worth}.50 is enclosed."
    )
    draft["reply"] = "\n".join((*body, more, close, sign))
    return ("reply", "fee", "amount")


BEFORE: dict[str, Fault] = {
    "wrong delay": _wrong_delay,
    "digit swap in the amount": _digit_swap,
    "invented article": _invented,
    "article for another matter": _other_matter,
    "decision that the article does not give": _not_granted,
    "right granted after its time": _too_late,
    "amount of another order": _others_amount,
    "another customer's order": _others_order,
    "date of delivery moved": _later_delivery,
}
AFTER: dict[str, Fault] = {
    "another customer's name": _others_name,
    "promise that nobody may make": _promise,
    "notice left out": _no_notice,
    "words of the policy bent": _bent_quote,
    "refused in the form, granted in the text": _opposite,
    "gift on top": _extra,
}
FAULTS = (*BEFORE, *AFTER)
_REFUNDS = ("digit swap in the amount", "amount of another order")


def _draw(rng: Random, place: int, operator: str, odd: str, turn: int) -> CheckCase:
    articles = _policy()[:11]
    if operator in _REFUNDS:
        articles = tuple(a for a in articles if a["decision"] == "refund")
    elif operator == "decision that the article does not give":
        articles = tuple(a for a in articles if a["decision"] != "refund")
    elif odd == "no fee, no refund, no figure" and not operator:
        articles = tuple(a for a in articles if not a["fee"] and a["decision"] != "refund")
    if operator == "refused in the form, granted in the text":
        odd = "refused, because late"
    elif operator:
        odd = "ordinary"
    facts = _facts(rng, odd, articles[(turn + place) % len(articles)])
    draft, tables = _draft(facts), _tables(rng, facts)
    fields: tuple[str, ...] = ()
    if operator in BEFORE:
        fields = BEFORE[operator](rng, facts, draft, tables, turn)
    draft["reply"] = _reply(rng, facts, draft)
    if operator in AFTER:
        fields = AFTER[operator](rng, facts, draft, tables, turn)
    if operator == "another customer's order":
        facts["asked"] = date.fromisoformat(draft["asked"])
    return CheckCase(
        id=f"{place:03d}",
        source=_ticket(rng, facts),
        output=draft,
        operator=operator,
        fields=fields,
        odd="" if operator else odd,
        tables=tables,
    )


def recorded() -> list[CheckCase]:
    """Return the drafts that the practice model really wrote; `wrong` in the recording names the parts where its text is at fault."""
    return halves.recorded(
        Path(__file__).parent / "replies" / "drafts.json",
        "written by the practice model",
        lambda entry: (entry["gold"] | {"reply": entry["reply"]}, tuple(entry["wrong"])),
    )


def cases(rng: Random, n: int, *, public: bool = False) -> list[CheckCase]:
    """Draw `n` cases, half of them right. Public ones show three faults only, and none that the model made."""
    made = [] if public else recorded()
    faults = PUBLIC_FAULTS if public else FAULTS
    odds = PUBLIC_ODD if public else ODD

    def draw(place: int, operator: str, odd: str, turn: int) -> CheckCase:
        # The articles of sound drafts take turns over all drafts, not over the sound ones alone.
        return _draw(rng, place, operator, odd, turn if operator else place // len(odds))

    return halves.drawn(rng, n, made, faults, odds, draw)
