# %% [markdown]
# # Find your way
# %%
import atelier
lab = atelier.open_lab("notebook-basics")
lab.welcome()
# %% [markdown]
# ## 1 · A page made of blocks
# This page is a *notebook*: blocks of text, like this one, and blocks that do something, like the next one. That is all there is to it. You never have to see the program
# behind a block.
# %% explore
lab.commit(
    "first-look",
    "Try a block: which day do you like best?",
    options=["Monday", "Friday"],
    truth="",
    reveal="There is no right answer here. You have just answered a block: choose, say how sure you are, press the button. In the other labs this is "
    "where you commit yourself before you see the truth.",
)
# %% [markdown]
# ## 2 · Three small decisions
# One card at a time. First a card to warm up, then three that count. The line under the form says when your answers were saved. **Undo** takes back the last click.
# %%
lab.form()
# %% explore
lab.hint("What is a hint?", "This. It is folded away until you want it, and it never costs points.")
# %% [markdown]
# ## 3 · Check your work
# Press the button. It tells you how your practice card went. The three that count are graded after you hand in.
# %% check="three-decisions"
lab.check("three-decisions")
# %% [markdown]
# ## 4 · Hand in
# Handing in sends a copy to your trainer. You may go on, change things and hand in again; the newest counts.
# %%
lab.tomorrow()
# %%
lab.hand_in()
