# %% [markdown]
# # What did it save?
# %%
import atelier
lab = atelier.open_lab("kpi-baseline")
lab.welcome()
# %% [markdown]
# ## 1 · Fifty hours a day
# You own this use. The slide is yours to sign.
# %% explore
lab.show("slide.txt")
# %% explore
lab.commit(
    "first-look",
    "Before, a mail took 17 minutes until it was sent. How much working time does the assistant save on each?",
    options=["About 40 %", "About 20 %", "Nothing", "It costs time"],
    truth="Nothing",
    reveal="Below is one morning, timed by somebody with a watch. The draft is there after 7 minutes; the mail is sent after 17, as before. The five minutes went into reading, "
    "looking up and rewriting. The tool's clock stops at the draft, and so does the slide.",
    cost="Six posts left empty: 30 people now do the work of 36. After seven weeks 2,100 mails are waiting.",
)
# %% explore
lab.show("log.csv", after="first-look")
# %% [markdown]
# ## 2 · How to read a log
# Look in this order, and stop at the first that holds.
#
# | Look at | If so | Then |
# |---|---|---|
# | cases, and the range of the difference | few cases, and the range reaches beyond zero | **too few cases to say** |
# | wrong later, per hundred cases | clearly more than before | **faster, and more goes wrong** |
# | the lines by kind, first and last weeks | down at first, then back up | **it wears off** |
# | the lines by kind | down to the last week, whatever the average does | **better, and stays so** |
# | the lines by kind | flat, while the average falls | **no gain: the cases got easier** |
# | first and second step | one falls, the other (checking, or waiting for it) rises as much | **no gain: checking takes it** |
#
# **How many cases?** Divide how much single cases scatter by the smallest difference worth having, times four, squared. Scatter 10 minutes, difference 5: (4 × 10 ÷ 5)² = 64 cases of each kind,
# before and again after. Half the difference takes four times as many.
# %% [markdown]
# ## 3 · Six logs
# First three to warm up, then the six that count. On each: the project's slide, the team's own figures by week, two small charts. Weeks below zero are before the model came.
# %%
lab.form()
# %% explore
lab.hint(
    "The average and the lines by kind disagree. Which one is right?",
    "Both. They answer different questions. Whether the work got faster is answered by like against like: each kind by itself. The third column of the table says whether the mix has changed.",
)
# %% explore
lab.hint(
    "Which figure is the right one?",
    "Read the first line of the card: what does the head want? Then: does it run to the end? Is checking in it? Would it move if only the mix did, or only the mood?",
)
# %% explore
lab.hint(
    "Two targets read alike. Which one?",
    "Look where each line stood before week 0, in the chart by kind. A target that starts lower took its baseline at the draft.",
)
# %% explore
lab.hint(
    "What makes a guardrail?",
    "It gets worse when people only hurry. What is found while checking falls when nobody checks, so it does not. It is counted after the work has left, by you, and the model can really touch it.",
)
# %% [markdown]
# ## 4 · Check your work
# This measures your warm-up logs. The six are graded after you hand in: their answers are not on this computer.
#
# For whoever programs: the lab `kpi-baseline-code` makes such figures out of a log, in four functions.
# %% check="verdict"
lab.check("verdict")
# %% check="kpi"
lab.check("kpi")
# %% check="target"
lab.check("target")
# %% check="guardrail"
lab.check("guardrail")
# %% check="sample"
lab.check("sample")
# %%
lab.tomorrow()
# %%
lab.hand_in()
