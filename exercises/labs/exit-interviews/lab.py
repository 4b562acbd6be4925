# %% [markdown]
# # What leavers said, without saying who
# %%
import atelier
lab = atelier.open_lab("exit-interviews")
lab.welcome()
# %% [markdown]
# ## 1 · Ready for the assistant?
# Forty people left, and you promised each of them that nobody would learn what they said. An assistant will write the summary; the site manager will read it.
# A colleague deleted the names. These are the first five answers.
# %% explore
lab.show("answers-without-names.txt")
# %% explore
lab.commit(
    "first-look",
    "May these answers go to the assistant, and its summary to the site manager?",
    options=["Send them", "Hold them"],
    truth="Hold them",
    reveal="The site had one nurse. Role, complaint and 14 March are her signature: answer 2 is Sofia Marchetti's, and the site manager is the one whom she "
    "complained about. Answer 3 tells on Karim, who still works on dock 4 and was never interviewed. Answer 4 names M. Le Goff. And two people left Dispatch: "
    "“Dispatch: 2 of 2 say leadership” tells the manager what both of them said.",
    cost="Two leavers and two colleagues exposed in five answers. There are thirty-five more.",
)
# %% explore
lab.show("who-left.csv", after="first-look")
# %% [markdown]
# ## 2 · What it costs
# The promise is gone, and the next leaver will say that everything was fine. The nurse can show that her complaint was passed on; that is a case for the labour
# court, not for a summary. Karim loses what he had not even decided. The summary needed none of it: how often each reason comes up, by department, and what
# should change.
# %% [markdown]
# ## 3 · Build your plan
# On the left: the columns, and what leavers tell of themselves. On the right: what is looked for in their words. Read the answers below after each choice:
# ⚠ marks names and numbers, ◇ marks facts that a colleague knows. "Replay the attack" shows who is still found: by the list of leavers, or because
# fewer than five answers of the round look the same.
# %%
lab.form()
# %% explore
lab.hint(
    "Where do I start?",
    "With the columns. Which groups will the summary report by? Count them in one practice round: each needs five answers at least. Does it need years of service?",
)
# %% explore
lab.hint(
    "Names are still readable",
    "Colleagues are called by their first name, bosses by title and family name, doctors are on none of your lists. And the schedule is rose, the floor is pierre: how "
    "does a name differ from those on paper?",
)
# %% explore
lab.hint(
    "No name is left, and people are still found",
    "Look at ◇: role, event, date. Making all three a little coarser leaves three facts that still fit few people. Which of them does the summary need at all?",
)
# %% explore
lab.hint(
    "The summary loses what was wrong",
    "Some leavers say who they are and what was wrong in one breath. To drop the sentence drops both; to take the words out leaves the rest.",
)
# %% [markdown]
# ## 4 · Check your work
# The same measure as the grade, on your practice rounds. Two names in a round of forty answers are more than 2 %, and cap the lab at 40.
# %% check="leak"
lab.check("leak")
# %% check="utility"
lab.check("utility")
# %% check="linkage"
lab.check("linkage")
# %% check="consistency"
lab.check("consistency")
# %% [markdown]
# ## 5 · The five answers from the beginning, again
# Role, event and date are taken out of answer 2. In English, this is left: “I was […]; since […] people stopped talking to me. My manager asked me to
# withdraw it. What it needs: somebody from outside to talk to.”
# %% explore
lab.commit(
    "last-look",
    "What of it may the site manager read?",
    options=["All that is left", "Only what should change", "Nothing"],
    truth="Only what should change",
    reveal="“Asked me to withdraw it”: the manager who asked knows at once whose answer this is, and no list of names holds such a sentence. The wish gives nobody "
    "away, and it is what the summary is for. The two from Dispatch are counted with the drivers, as transport. A plan takes out what it was told to look for: a "
    "person reads what is left, before it leaves.",
)
# %%
lab.tomorrow()
# %%
lab.hand_in()
