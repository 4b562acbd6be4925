# %% [markdown]
# # Go, hold or stop?
# %%
import atelier
lab = atelier.open_lab("readiness-review")
lab.welcome()
# %% [markdown]
# ## 1 · Item seven
# Four minutes before the end of the meeting.
# %% explore
lab.show("board-slide.txt")
# %% explore
lab.commit(
    "first-look",
    "Extend it to all 4,000?",
    options=["Go", "Hold", "Stop"],
    truth="Stop",
    reveal="Five lines of the slide say that it was bought and is liked. One line, in the appendix, says what it did: as many orders as before, and three more second "
    "visits in a hundred. The work got worse while everybody enjoyed it. That is measured, so there is nothing to wait for.",
    cost="€ 1.9 million a year, and one customer in thirty who waits for a second visit.",
)
# %% [markdown]
# ## 2 · What a phase needs
# A phase is reached when its proofs, and all below it, are there. Something that looks like a proof is none: a steering group is no owner, an estimate is no figure, a demonstration is no test.
#
# | Phase | The dossier shows |
# |---|---|
# | **1 · Licences and pilots** | that it was bought and some use it |
# | **2 · Scattered initiatives** | also: who uses it for what, the unofficial uses included |
# | **3 · Defined and measured** | also: one owner who is there, the figure from before with review time, our own test set with its last result |
# | **4 · Embedded** | also: the figure after six months against the one before, and a log of incidents that is looked through each quarter |
#
# Then decide. **Stop** what harms people or money again and again, or what made the work measurably worse. **Go** where phase 3 is reached and the figure after six months is better.
# **Hold** the rest, and say which proofs you want.
# %% [markdown]
# ## 3 · Six dossiers
# First three to warm up, then the six that count. A dossier is what people sent when you asked: mails, slides, minutes, in no order.
# %%
lab.form()
# %% explore
lab.hint(
    "How do I read so much in so little time?",
    "Strike out everything about licences, log-ins, prompts, prizes, satisfaction. Then tick off the nine proofs one by one; for six of them there is a line that holds.",
)
# %% explore
lab.hint(
    "What looks like a proof and is none?",
    "A group in place of a person. A person who has moved on. An estimate, or a figure of the supplier's, in place of a count. The first three weeks in place of six months. A demonstration in place of "
    "a test. “Nothing was reported” where there is no place to report it.",
)
# %% explore
lab.hint("Why not hold everything?", "Because it costs. What works at one site for six months could have worked at ten.")
# %% [markdown]
# ## 4 · Check your work
# This measures your warm-up dossiers. The six are graded after you hand in: their answers are not on this computer.
# %% check="phase"
lab.check("phase")
# %% check="decision"
lab.check("decision")
# %% check="proofs"
lab.check("proofs")
# %%
lab.tomorrow()
# %%
lab.hand_in()
