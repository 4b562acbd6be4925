# %% [markdown]
# # Privileged, inside, or neither
# %%
import atelier
lab = atelier.open_lab("privilege-triage")
lab.welcome()
# %% [markdown]
# ## 1 · Two mails before we start
# Tuesday, a quarter to six. Two mails within two minutes, and one of them ends up in the public chat tool, because "you have the good one".
# %% explore
lab.show("two-mails.txt")
# %% explore
lab.commit(
    "first-look",
    "Which of the two does the harm, if somebody pastes it into a public tool?",
    options=["Mail A, it is privileged", "Mail B", "Both alike"],
    truth="Mail B",
    reveal="Mail A is a fire drill under a footer that the mail system adds to everything. Mail B has no marking, a kind tone, and a withdrawn forecast that nobody "
    "outside knows before Thursday. Since 17:46 it has also been known to the provider of a free chat tool, which is on no list of insiders.",
    cost="A publication in a hurry on Wednesday morning, a list of insiders that was wrong, and a letter to the supervisor that somebody must sign.",
)
# %% [markdown]
# ## 2 · The rules
# First the rules of the house: what a paper is. Then the policy: which tool may see it. You need not learn either by heart.
# %% explore
lab.show("house-rules.txt")
# %%
lab.policy("data")
# %% [markdown]
# ## 3 · Sort the papers
# First five to warm up, then the twenty-four that count. Read to the end, small print included. Then decide two things: what it is, and into which tool it may
# go. Choose the *least* strict tool that the rules allow. A step too open costs 1, a step too strict 0.4, refusing a good use 0.8. Legal advice or inside
# information in a public tool caps the lab at 50, as it would cap your week.
# %%
lab.form()
# %% explore
lab.hint(
    "How do I tell advice from a lawyer who is on copy?",
    "Ask two questions: is somebody asking what the law says about our position, or answering that? And is counsel the one who is asked, or who answers? If either is no, "
    "it is business.",
)
# %% explore
lab.hint(
    "How do I spot inside information without a marking?",
    "Imagine a shareholder reading over your shoulder. Would she pick up the phone before she has finished? Then look for the date: is it out already?",
)
# %% explore
lab.hint(
    "Which line of the NDA decides?",
    "The one about representatives, providers, processors or systems. It is quoted on the card. Then check whether the material was public before.",
)
# %% [markdown]
# ## 4 · Check your work
# This measures your warm-up papers. The twenty-four are graded after you hand in: their answers are not on this computer.
# %% check="channel"
lab.check("channel")
# %% check="class"
lab.check("class")
# %%
lab.tomorrow()
# %%
lab.hand_in()
