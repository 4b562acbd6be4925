# %% [markdown]
# # Share the ledger, not the people in it
# %%
import atelier
lab = atelier.open_lab("ledger-sharing")
lab.welcome()
# %% [markdown]
# ## 1 · Ready to send?
# The analyst outside needs the March lines. A colleague deleted the name column, as always, and asks you to press "send".
# %% explore
lab.show("march-extract.csv")
# %% explore
lab.commit(
    "first-look",
    "Is this extract anonymous enough to leave the company?",
    options=["Send it", "Hold it"],
    truth="Hold it",
    reveal="Line 2 carries a family name in its text. Line 4 has no name at all, but the staff directory lists one Foreman in Metz with "
    "31 years of service: Thérèse Joly. The analyst now knows what she earns. Line 6 is a lawyer who works under his own name, with his "
    "bank account. It took four minutes.",
    cost="Three people found in six lines. One of them negotiates her pay next week.",
)
# %% explore
lab.show("staff-directory.csv", after="first-look")
# %% [markdown]
# ## 2 · What it costs
# A file that has left cannot be called back. There is a notification to write, three people to tell, and a works council that will ask for every
# export of the last two years. The analyst never needed a name: the question was the total per cost centre, what each job family costs,
# and what the money went on.
# %% [markdown]
# ## 3 · Build your plan
# Decide for every column: keep it, replace it by a token, make it coarser, blank it, or drop it. Then decide what is taken out of the free text.
# Four meters show what your plan does to six practice documents. "Replay the attack" shows who is still found, and by which facts.
# %%
lab.form()
# %% explore
lab.hint(
    "Where do I start?",
    "With the question that the reader must answer: totals per cost centre, pay by job family, what each line was for. Drop every column that it "
    "does not need. Then look at the text of the lines after your plan, and search for anything that looks like a person.",
)
# %% explore
lab.hint(
    "No name is left, and people are still found",
    "The attacker compares job, site, years and pay with the directory. Each fact cuts the crowd. Keep few of them, and make those coarse: "
    "pay to the nearest 500 still adds up per cost centre.",
)
# %% explore
lab.hint(
    "The texts lose their purpose",
    "Look at what the detectors take out. Rose is a name and a flower, Pierre a name and a stone. Which detector takes both?",
)
# %% [markdown]
# ## 4 · Check your work
# The same measure as the grade, on your practice documents.
# %% check="leak"
lab.check("leak")
# %% check="utility"
lab.check("utility")
# %% check="linkage"
lab.check("linkage")
# %% check="consistency"
lab.check("consistency")
# %% [markdown]
# ## 5 · The extract from the beginning, again
# With your plan, what would the analyst have seen of lines 2, 4 and 6? And would the totals still hold?
# %%
lab.tomorrow()
# %%
lab.hand_in()
