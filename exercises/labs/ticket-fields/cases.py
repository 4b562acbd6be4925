"""Messages to a customer desk, in English, French and both, each with the record that the desk's queue needs.

A message has under 120 tokens of the practice model, so that a case costs well under a second. The layouts in `_HIDDEN`
never occur in practice: a prompt that only fits the practice messages is found out. Layouts, languages, requests and ways of
writing a date take turns instead of being drawn, so that every cohort gets the same mixture.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Literal, NamedTuple

from atelier.kits.prompting.records import PromptCase
from grader import invent

Lang = Literal["fr", "en"]

_FR_MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
              "novembre", "décembre")  # fmt: skip
_EN_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December")  # fmt: skip
# English word, French word, French demonstrative.
_THINGS = (
    ("lamp", "lampe", "cette"), ("kettle", "bouilloire", "cette"), ("toaster", "grille-pain", "ce"),
    ("printer", "imprimante", "cette"), ("heater", "radiateur", "ce"), ("blender", "mixeur", "ce"),
    ("scale", "balance", "cette"), ("radio", "radio", "cette"), ("fan", "ventilateur", "ce"),
    ("drill", "perceuse", "cette"), ("clock", "pendule", "cette"), ("screen", "écran", "cet"),
)  # fmt: skip
_MODELS = ("Alba", "Mistral", "Nova", "Solveig", "Brume", "Opale", "Kern", "Lund", "Pivot", "Zest", "Corail", "Delta")
_FAULTS = {
    "en": ("does not work", "arrived broken", "makes an awful noise", "stopped after two days"),
    "fr": ("ne marche pas", "a un gros défaut", "fait un bruit affreux", "s'arrête tout le temps"),
}
_REQUESTS = {
    "en": (("a refund", "refund"), ("an exchange", "exchange"), ("a repair", "repair")),
    "fr": (("un remboursement", "remboursement"), ("un échange", "échange"), ("une réparation", "réparation")),
}  # fmt: skip


class _Facts(NamedTuple):
    """What a message is about. `order` and `other` are different numbers; `product` is the model, `named` the
    thing with its model, `ask` the request in a sentence. `flip` picks one of two wordings."""

    lang: Lang
    first: str
    order: str
    other: str
    product: str
    named: str
    this: str
    day: date
    printed: str
    fault: str
    ask: str
    request: str
    before: str
    flip: bool


def _print_date(lang: Lang, day: date, style: int) -> str:
    if lang == "fr":
        return (f"{day.day} {_FR_MONTHS[day.month - 1]} {day.year}", f"{day:%d/%m/%Y}", f"{day:%d.%m.%Y}")[style % 3]
    month = _EN_MONTHS[day.month - 1]
    return (f"{day.day} {month} {day.year}", f"{day:%d/%m/%Y}", f"{month} {day.day}, {day.year}")[style % 3]


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


def _facts(rng: Random, lang: Lang, turn: int, style: int, *, flip: bool) -> _Facts:
    thing, chose, this = rng.choice(_THINGS)
    order, other = (f"HL-{n}" for n in rng.sample(range(1000, 9999), 2))
    day = invent.day(rng)
    ask, request = _REQUESTS[lang][turn % 3]
    before = _REQUESTS[lang][(turn + 1) % 3][0]
    model = f"{rng.choice(_MODELS)} {rng.randrange(2, 10) * 10}"
    named = f"{chose} {model}" if lang == "fr" else f"{model} {thing}"
    return _Facts(lang, rng.choice(invent.FIRST), order, other, model, named, f"{this} {named}",
                  day, _print_date(lang, day, style), rng.choice(_FAULTS[lang]), ask, request, before, flip)  # fmt: skip


# A layout returns the message, the lure, and the targets that the message does not give.
_Drawn = tuple[str, str, tuple[str, ...]]


def _letter(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        texts = (
            f"Bonjour,\n{f.this}, commande {f.order} du {f.printed}, {f.fault}. Je demande {f.ask}.\nMerci, {f.first}",
            f"Madame, Monsieur,\nj'ai acheté {f.this} le {f.printed} (n° {f.order}) et ça {f.fault}.\nJe voudrais {f.ask}.",
        )
    else:
        texts = (
            f"Hello,\nthe {f.named} from order {f.order} of {f.printed} {f.fault}. I would like {f.ask}.\nThanks, {f.first}",
            f"Dear team,\nI bought a {f.named} on {f.printed} (order {f.order}). It {f.fault}!\nI ask for {f.ask}.",
        )
    return texts[f.flip], "a date written in words or figures", ()


def _two(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        fine = f"Ma commande {f.other} est bien arrivée, merci."
        bad = f"{_upper(f.this)} de la commande {f.order} ({f.printed}) {f.fault}, je veux {f.ask}."
        text = f"{fine} Mais voilà : {bad}" if f.flip else f"{bad} {fine}"
    else:
        fine = f"Order {f.other} came fine, thank you."
        bad = f"The {f.named} of order {f.order} ({f.printed}) {f.fault}, I want {f.ask}."
        text = f"{fine} But: {bad}" if f.flip else f"{bad} {fine}"
    return text, "two orders in one message", ()


def _quoted(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        new = f"Mauvais numéro, désolé : {f.named}, commande {f.order}, {f.printed}. Et je préfère {f.ask}."
        old = f"> Votre message :\n> commande {f.other}, je demande {f.before}"
    else:
        new = f"Wrong number, sorry: {f.named}, order {f.order}, {f.printed}. And I prefer {f.ask}."
        old = f"> You wrote:\n> order {f.other}, I ask for {f.before}"
    # Some people answer below the mail that they quote.
    return "\n".join((new, old) if f.flip else (old, new)), "an earlier mail quoted", ()


def _unnumbered(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        texts = (
            f"Client C{f.other[3:]}. {_upper(f.this)}, achat du {f.printed}, {f.fault}. Je n'ai plus le numéro de commande. {_upper(f.ask)} svp.",
            f"Bonjour, {f.this} du {f.printed} {f.fault}. N° de commande perdu, n° client C{f.other[3:]}. Je voudrais {f.ask}.",
        )
    else:
        texts = (
            f"Customer C{f.other[3:]} here. My {f.named}, bought {f.printed}, {f.fault}. I lost the order number. I need {f.ask}.",
            f"Hi, the {f.named} from {f.printed} {f.fault}. No order number, sorry, my customer no. is C{f.other[3:]}. I want {f.ask}.",
        )
    return texts[f.flip], "customer number where the order number is missing", ("order",)


def _undated(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        texts = (
            f"Commande {f.order} : {f.this} {f.fault}. C'était avant l'été, je ne sais plus quand. Je demande {f.ask}. {f.first}",
            f"Salut, {f.this} {'reçue' if f.this.startswith('cette') else 'reçu'} hier {f.fault} (commande {f.order}). Je voudrais {f.ask}, merci",
        )
    else:
        texts = (
            f"Order {f.order}: the {f.named} {f.fault}. Bought before the summer, no idea when. I ask for {f.ask}. {f.first}",
            f"hi, my {f.named} came yesterday and {f.fault} (order {f.order}). I would like {f.ask}, thx",
        )
    return texts[f.flip], "no date, or only “yesterday”", ("date",)


def _web_form(f: _Facts) -> _Drawn:
    """Labels of the shop's form in one language, the customer's words in the other."""
    if f.lang == "fr":
        text = f"Order: {f.order}\nItem: {f.named}\nDate: {f.printed}\nMessage: bonjour, {f.this} {f.fault}, je veux {f.ask}"
    else:
        text = f"Commande : {f.order}\nArticle : {f.named}\nDate : {f.printed}\nMessage : hello, it {f.fault}, I want {f.ask}"
    return text, "two languages in one message", ()


def _chat(f: _Facts) -> _Drawn:
    minute = 10 + f.day.day
    if f.lang == "fr":
        lines = ["bonjour", f"c'est pour {f.this}", f"commande {f.order} du {f.printed}", f"je voudrais {f.ask}"]
    else:
        lines = ["hi there", f"it's about the {f.named}", f"order {f.order} from {f.printed}", f"I'd like {f.ask}"]
    text = "\n".join(f"[14:{minute + i}] {line}" for i, line in enumerate(lines))
    return text, "a chat in an unknown layout", ()


def _telegram(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        text = f"{f.named} {f.fault} / cde {f.order} / {f.printed} / {f.ask} svp\nEnvoyé de mon téléphone"
    else:
        text = f"{f.named} {f.fault} / order {f.order} / {f.printed} / {f.ask} pls\nSent from my phone"
    return text, "one line from a phone in an unknown layout", ()


_Layout = Callable[[_Facts], _Drawn]
_PUBLIC: tuple[_Layout, ...] = (_letter, _two, _quoted, _unnumbered, _undated, _web_form)
_HIDDEN: tuple[_Layout, ...] = (_chat, _telegram)
_CHANNELS: dict[_Layout, str] = {_chat: "chat", _web_form: "web form"}


def cases(rng: Random, n: int, *, public: bool = False) -> list[PromptCase]:
    """Draw `n` cases. Every layout comes up in turn, in both languages; `public=True` leaves the hidden ones out."""
    layouts = _PUBLIC if public else (*_PUBLIC, *_HIDDEN)
    found = []
    for i in range(n):
        round_, place = divmod(i, len(layouts))
        lang: Lang = "fr" if (round_ + place) % 2 else "en"
        turn = round_ + place // 2
        f = _facts(rng, lang, turn, turn // 3 + place, flip=round_ // 2 % 2 == 0)
        found.append(_case(rng, f"m{i + 1}", layouts[place], f))
    return found


def _case(rng: Random, name: str, layout: _Layout, f: _Facts) -> PromptCase:
    text, lure, absent = layout(f)
    customer = f"{f.first} {rng.choice(invent.LAST)}"
    fields = {
        "channel": _CHANNELS.get(layout, "mail"),
        "message": text,
        "customer": customer,
        "phone": invent.phone(rng),
        "address": f"{invent.street(rng)}, {invent.city(rng)}",
        "value": f"{rng.randrange(2, 60) * 100} EUR in three years, {rng.choice(('no status', 'silver', 'gold'))}",
        "notes": f"Third complaint since {rng.choice(('May', 'June', 'July'))}. Threatened us with a lawyer. Do not offer a voucher.",
    }
    # The desk's system does not know the channel of about one message in eight.
    if rng.random() < 0.125:
        del fields["channel"]
    gold: dict[str, str | None] = {
        "order": f.order,
        "product": f.product,
        "date": f.day.isoformat(),
        "request": f.request,
    }
    gold |= dict.fromkeys(absent)
    return PromptCase(name, fields, gold, lure)
