# %% [markdown]
# # Clean the tickets before a tool reads them
# %%
import atelier
lab = atelier.open_lab("ticket-redaction")
lab.welcome()
# %% [markdown]
# ## 1 · Clean enough?
# A tool outside will sort the tickets by order, product and request. The help desk has run its name filter and asks you to press "send".
# %% explore
lab.show("cleaned-tickets.txt")
# %% explore
lab.commit(
    "first-look",
    "May these three tickets go to the outside tool?",
    options=["Send them", "Hold them"],
    truth="Hold them",
    reveal="Ticket 1 has no name left, and one midwife works in Quimper: Yasmine Olsen. Whoever reads it now knows that she is leaving her practice before "
    "her partner does. Ticket 2 shouts, and the filter does not read capitals: Stéphane Le Goff, his bank account, and his neighbour Mme Castaing, who "
    "never wrote to you. Ticket 3 hides a name in a mail address. The filter meanwhile worked: it removed five names.",
    cost="Three tickets, four people. You send 900 tickets a month.",
)
# %% explore
lab.show("who-does-what.csv", after="first-look")
# %% [markdown]
# ## 2 · What it costs
# A ticket that has left stays with the tool's maker, and in its logs. You would have to tell four people, one of whom is no customer of yours, and the
# authority within 72 hours. The midwife's partner may read it before she does. And the tool needed none of it: an order number, a product, a request, a region.
# %% [markdown]
# ## 3 · Build your filter
# On the left: the columns, and what customers tell of themselves. On the right: what is looked for in the messages. Start with one choice and look at the
# messages below: ⚠ marks names and numbers that can still be read, ◇ marks facts that an attacker can look up. Four meters say how far you are. "Replay the
# attack" shows who is found, and by what.
# %%
lab.form()
# %% explore
lab.hint(
    "Where do I start?",
    "With the column that nobody needs: the mail address. Then give each customer a token, and look for known names in the messages. After each choice, "
    "read two tickets below.",
)
# %% explore
lab.hint(
    "Names are still readable",
    "Your lists know customers, not their neighbours. How do people write of somebody whom they do not know well? And which detector finds “S. Le Goff”, where no "
    "first name stands?",
)
# %% explore
lab.hint(
    "No name is left, and people are still found",
    "Look at ◇. A job alone fits a dozen people, a town as well; both together fit one. The tool needs the region, not the town. Does it need the job?",
)
# %% explore
lab.hint(
    "The tool no longer finds order or product",
    "Some tools are blunt: an order number is a long number, Rose is an armchair, and a PS stands below the signature. Switch one of them off and look at the meter.",
)
# %% [markdown]
# ## 4 · Check your work
# The same measure as the grade, on your practice tickets. One leak in a day of tickets is more than 2 %, and caps the lab at 40: a filter that forgets one
# kind of thing forgets it every day.
# %% check="leak"
lab.check("leak")
# %% check="utility"
lab.check("utility")
# %% check="linkage"
lab.check("linkage")
# %% check="consistency"
lab.check("consistency")
# %% [markdown]
# ## 5 · The three tickets from the beginning, again
# Which of your choices stops the midwife from being found? Which one keeps Mme Castaing out? Would the tool still know that a refund is due for an armchair called Rose?
# %%
lab.tomorrow()
# %%
lab.hand_in()
