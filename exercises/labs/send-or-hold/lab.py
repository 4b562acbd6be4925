# %% [markdown]
# # Send or hold
# %%
import atelier
lab = atelier.open_lab("send-or-hold")
lab.welcome()
# %% [markdown]
# ## 1 · One before we start
# %% explore
lab.show("first-card.txt")
# %% explore
lab.commit(
    "first-look",
    "The reply is polite and complete. Does it go out?",
    options=["Send it", "Hold it"],
    truth="Hold it",
    reveal="Article 7 gives a refund or a replacement, at the company's choice. The reply promises the customer both. It is the friendliest sentence of the "
    "mail, and the one that nobody decided.",
    cost="€ 389 for one pair of headphones, and a precedent that the next customer will quote.",
)
# %% [markdown]
# ## 2 · Warm up, then decide
# First the warm-up cards: you see at once what was right, and what a wrong decision would have cost. Then the deck of forty. Read the source, read the
# output, decide, and say how sure you are. Half of them are wrong. The clock is only there to make it feel like a Friday; nothing happens when it runs out.
#
# A wrong decision costs the stake of its card either way: what went out wrong must be put right, and what was held without need comes late.
# %%
lab.form()
# %% explore
lab.hint(
    "What should I look for?",
    "Go fact by fact: figures, names, dates, units, and every “not”. Ask of each sentence of the output where the source says so. "
    "A kind sentence that has no source is a promise.",
)
# %% explore
lab.hint(
    "How sure is 80 %?",
    "If you say 80 % on ten cards, eight of them should be right. Say 50 % when you are guessing, and 100 % only when you could point at the words.",
)
# %% [markdown]
# ## 3 · Check your work
# This measures your warm-up cards. The deck is graded after you hand in: its answers are not on this computer.
# %% check="cost"
lab.check("cost")
# %% check="calibration"
lab.check("calibration")
# %%
lab.tomorrow()
# %%
lab.hand_in()
