# %% [markdown]
# # Check an invoice record before it is paid
# %%
import atelier
lab = atelier.open_lab("invoice-checks")
lab.welcome()
# %% [markdown]
# ## 1 · One invoice, one record
# A model read this invoice and filled in the record below it. Everything adds up. The payment run is at four o'clock.
# %% explore
lab.show("first-invoice.txt")
# %% explore
lab.show("first-record.json")
# %% explore
lab.commit(
    "first-look",
    "Do you release the payment?",
    options=["Pay", "Hold"],
    truth="Hold",
    reveal="Supplier, number, dates, net, VAT and total are all right. The IBAN is well formed, and it is the one printed on the "
    "invoice. But the supplier register has held another account for Iroise Énergies for six years: the invoice came from somebody "
    "who copied their letterhead. The line about new bank details is no proof either way: honest suppliers write it too. Only the register could tell you.",
    cost="€ 18,243.36 on a stranger's account. Banks rarely get it back.",
)
# %% explore
lab.show("register.csv", after="first-look")
# %% [markdown]
# ## 2 · What each error costs
# In a team that pays 2,000 invoices a month, one wrong record in a hundred is twenty a month. A wrong IBAN costs the whole invoice, a
# duplicate costs it until somebody notices, a wrong rate costs the difference and a talk with the tax office.
# Holding a right invoice costs about ten minutes and a supplier's patience.
#
# Your control must weigh both: **faults stopped, minus honest invoices held up.**
# %% [markdown]
# ## 3 · Build your control
# Choose a field and the rule that it must meet, and add it. The grid shows at once what your rules stop on the practice invoices. Click a
# mark to see the document behind it. Three kinds of fault are shown here. The grade uses more than ten, so think of what *could* go wrong,
# not only of what you see.
# %%
lab.form()
# %% explore
lab.hint(
    "Where do I start?",
    "Take the invoice from the beginning. Which rule would have held it? The register is on offer under “must match the register”. "
    "Then ask of every field: where does the right value come from, the document, the register, the list of paid invoices, or arithmetic?",
)
# %% explore
lab.hint(
    "A rule holds honest invoices",
    "Click its row among the right records and read one. Often the rule is right and too exact: suppliers round to the cent, "
    "a due date may be given in words, a credit note is negative, some invoices carry two VAT rates.",
)
# %% explore
lab.hint(
    "What might be in the grade that I cannot see here?",
    "A record can be wrong and still add up: a line that nobody sold, a rate that was recomputed with everything after it, a decimal "
    "point that moved everywhere. And a right record can still not be due: paid before, or marked as disputed on the invoice.",
)
# %% [markdown]
# ## 4 · Check your work
# The same measure as the grade, on your practice invoices.
# %% check="catch-rate"
lab.check("catch-rate")
# %% check="right-field"
lab.check("right-field")
# %% check="robust"
lab.check("robust")
# %% [markdown]
# ## 5 · The invoice from the beginning, again
# Look at your rules once more. Which of them holds the Iroise invoice? If none does, your control would pay the stranger today.
# %%
lab.tomorrow()
# %%
lab.hand_in()
