# %% [markdown]
# # Check an invoice record before it is paid, in Python
# %%
import atelier
lab = atelier.open_lab("invoice-checks-code")
lab.welcome()
# %% [markdown]
# ## 1 · Green build, wrong account
# The extraction job read this invoice and wrote the record below it. Types, check digits and arithmetic all passed. The payment file is built at four.
# %% explore
lab.show("first-invoice.txt")
# %% explore
lab.show("first-record.json")
# %% explore
lab.commit(
    "first-look",
    "Does this record go into the payment file?",
    options=["Pay", "Hold"],
    truth="Hold",
    reveal="Nothing in the document contradicts the record, because the document itself is the forgery: the letterhead is copied, the account is the "
    "writer's own. Only a source that the sender could not touch shows it, and that is the supplier register.",
    cost="€ 18,243.36 gone, with every test green.",
)
# %% explore
lab.show("register.csv", after="first-look")
# %% [markdown]
# ## 2 · Two rates, one number
# A missed fault costs an invoice. A right invoice held costs ten minutes and, after a while, the attention of whoever clicks the alarms away. So the grade is
# **faults stopped minus right records held**, the average over kinds of fault, so that a rare kind counts as much as a common one.
#
# Your function gets one invoice at a time, as plain data:
#
# - `source`: the text of the document, as it came;
# - `output`: the record, a dict of field → value; `lines` is a list of `[text, amount]`. Any field may be missing or nonsense;
# - `tables`: `register` (supplier, iban) and `history` (supplier, number, total), each a list of dicts.
#
# It returns a list of `(field, words)` pairs. An empty list lets the record be paid.
# %% explore
practice = lab.practice()
print(practice[0]["source"])
{key: value for key, value in practice[0].items() if key not in ("source", "tables")}
# %% [markdown]
# `fault`, `fields` and `odd` say what is wrong or only unusual: your function does not get them. `practice[0]["tables"]` shows the tables.
#
# Reading amounts and dates in three notations is not what this lab is about, so these readers are here for you. `help(amount)` says what each returns.
# %%
from atelier.kits.validation.reading import amount, amounts, dates, day, iban_ok, plain, squeezed
# %% explore
[amount("1 234,50 €"), day("4 mars 2026"), iban_ok("FR76 3000 6000 0112 3456 7890 189"), plain("  Énergies SA"), squeezed("F26-088/41")]
# %% [markdown]
# ## 3 · Build your control
# Start with one rule, for instance: the total must stand in the document. Run this cell, run the checks in part 4, read what they say, add the next rule.
# %% answer="validate"
def validate(source, output, tables):
    """Return what is wrong with `output`, as pairs (field, words); an empty list releases the record."""
    ### BEGIN SOLUTION
    text, letters, money = plain(source), squeezed(source), amounts(source)
    cents = {name: amount(output.get(name)) for name in ("net", "vat_rate", "vat", "total")}
    found = []

    # Does what the record says stand in the document?
    if output.get("supplier") and plain(output["supplier"]) not in text:
        found.append(("supplier", "does not stand in the document"))
    if output.get("number") and squeezed(output["number"]) not in letters:
        found.append(("number", "does not stand in the document"))
    if output.get("date") and day(output["date"]) not in dates(source):
        found.append(("date", "does not stand in the document"))
    sign = {"EUR": "€", "USD": "$", "GBP": "£"}.get(str(output.get("currency")).strip().upper())
    if output.get("currency") and squeezed(output["currency"]) not in letters and not (sign and sign in source):
        found.append(("currency", "does not stand in the document"))
    for name in ("total", "net", "vat"):
        if output.get(name) and (cents[name] is None or abs(cents[name]) not in money):
            found.append((name, "does not stand in the document"))

    # Do the lines stand there, and carry the net amount?
    rows = output.get("lines")
    rows = [row for row in rows if isinstance(row, list) and len(row) == 2] if isinstance(rows, list) else []
    for words, value in rows:
        if plain(words) not in text or amount(value) is None or abs(amount(value)) not in money:
            found.append(("lines", "a line does not stand in the document like this"))
            break
    if rows and cents["net"] is not None and abs(sum(amount(value) or 0 for _, value in rows) - cents["net"]) > 1:
        found.append(("net", "the lines do not add up to it"))

    # Does it add up? Suppliers round, so a cent or two is no fault.
    net, rate, vat, total = (cents[name] for name in ("net", "vat_rate", "vat", "total"))
    if None not in (net, vat, total) and abs(net + vat - total) > 2:
        found.append(("total", "is not net plus VAT"))
    if None not in (net, rate, vat) and abs(net * rate / 10_000 - vat) > 2.5:
        found.append(("vat", "is not the rate of net"))

    # Does the register hold this account, and was it paid before?
    supplier = squeezed(output.get("supplier"))
    accounts = [squeezed(row["iban"]) for row in tables.get("register", []) if squeezed(row["supplier"]) == supplier]
    if not accounts or squeezed(output.get("iban")) not in accounts:
        found.append(("iban", "is not the account that the register holds"))
    if any(
        squeezed(row["supplier"]) == supplier and squeezed(row["number"]) == squeezed(output.get("number"))
        for row in tables.get("history", [])
    ):
        found.append(("number", "was paid before"))

    # Is it due, and may it be paid?
    first, last = day(output.get("date")), day(output.get("due"))
    if first and last and not 0 <= (last - first).days <= 120:
        found.append(("due", "is not within four months after the invoice date"))
    warnings = ("ne pas payer", "do not pay", "en litige", "payment on hold")
    if any(words in text for words in warnings) and plain(output.get("hold") or "") in ("", "no", "non", "none"):
        found.append(("hold", "the document says not to pay"))

    # Can every field be used at all?
    for name in ("supplier", "number", "date", "due", "iban", "currency", "net", "vat", "total"):
        value = output.get(name)
        usable = isinstance(value, str) and value.strip() != ""
        if usable and name in ("date", "due"):
            usable = day(value) is not None
        if usable and name in ("net", "vat", "total"):
            usable = amount(value) is not None
        if usable and name == "iban":
            usable = iban_ok(value)
        if not usable:
            found.append((name, "is missing or cannot be used"))
    return found
    ### END SOLUTION
# %% explore
lab.hint(
    "Where do I start?",
    "Take the Iroise invoice: which comparison would have held it? Then ask of every field where its right value comes from: the document, the "
    "register, the payments made before, or arithmetic on the other fields.",
)
# %% explore
lab.hint(
    "A rule holds right records",
    "The check names the practice case. Look at it: next(c for c in practice if c['id'] == '007'). Usually the rule is right and too exact: cents of "
    "rounding, a due date in words, a negative credit note, two VAT rates on one invoice.",
)
# %% explore
lab.hint(
    "What is in the grade that I cannot see here?",
    "Three kinds of fault are in the practice cases, more than ten in the grade. A record can be wrong and add up perfectly: a line nobody sold, "
    "a rate recomputed with everything after it. And a right record may still not be payable: paid already, or disputed.",
)
# %% [markdown]
# ## 4 · Check your work
# The same measure as the grade, on your practice cases. Run these cells as often as you like.
# %% check="catch-rate"
lab.check("catch-rate", validate)
# %% check="right-field"
lab.check("right-field", validate)
# %% check="robust"
lab.check("robust", validate)
# %% [markdown]
# ## 5 · What each rule costs
# Per field that your function names first: wrong records stopped, and right ones held. A field with many on the right side and few on the left pays for
# nothing. (Practice cases only: a rule that stops nothing here may still be the one that matters in the grade.)
# %% explore
lab.grid(validate)
# %% [markdown]
# ## 6 · The invoice from the beginning, again
# Which line of your function holds the Iroise record? If you can delete that line and your own tests stay green, write the test.
# %%
lab.tomorrow()
# %%
lab.hand_in()
