# %% [markdown]
# # Who decides?
# %%
import atelier
lab = atelier.open_lab("who-decides")
lab.welcome()
# %% [markdown]
# ## 1 · A Monday morning
# Everything in this log had been approved, with a form.
# %% explore
lab.show("monday.txt")
# %% explore
lab.commit(
    "first-look",
    "What would have stopped it at 08:52?",
    options=["A better model", "A stop button for everybody in Sales", "One owner who is there, and a stop rule", "A faster supplier"],
    truth="One owner who is there, and a stop rule",
    reveal="Everybody in the log could see it, and nobody was wrong about what their job was. The owner on the form had left; the circle could not be called; the "
    "supplier was on another clock. Two and a half hours of looking for a person, 46 promises.",
    cost="€ 11,300 in discounts that had to be kept, for want of one name and one sentence.",
)
# %% [markdown]
# ## 2 · The rules
# Who may own, who may check, which check is needed. Fold it out whenever you want it.
# %%
lab.policy()
# %% [markdown]
# ## 3 · Eight uses that are about to start
# First three to warm up, then the eight that count. Each card is what somebody put together about a use: what it does, where it runs, and who is around. Decide
# four things. Read who is *really* there, and who prepared what.
# %%
lab.form()
# %% explore
lab.hint(
    "Who is an owner?",
    "The head of the department whose result it is, if that person is there; else whoever stands in with budget and signature. Not who pays for the licence, "
    "knows the tool best, keeps it running, or had the idea.",
)
# %% explore
lab.hint(
    "How do I choose the data?",
    "First cross out what the place may not see (the card says where it runs). Then what the task does not need. If the rest is too little for the task, it does not run at this place.",
)
# %% explore
lab.hint(
    "Which stop rule is a good one?",
    "Ask four things: do we measure that figure ourselves? does it show harm, or only use? is there a limit? who acts, on which day, without asking anybody?",
)
# %% [markdown]
# ## 4 · Check your work
# This measures your warm-up cards. The eight are graded after you hand in: their answers are not on this computer.
# %% check="owner"
lab.check("owner")
# %% check="data"
lab.check("data")
# %% check="validation"
lab.check("validation")
# %% check="stop-rule"
lab.check("stop-rule")
# %%
lab.tomorrow()
# %%
lab.hand_in()
