# %% [markdown]
# # Where may it run?
# %%
import atelier
lab = atelier.open_lab("risk-tiers")
lab.welcome()
# %% [markdown]
# ## 1 · One before we start
# It is Thursday, a quarter past five. This lands in your queue.
# %% explore
lab.show("first-request.txt")
# %% explore
lab.commit(
    "first-look",
    "No name is in the file any more. May it go into the public chat?",
    options=["Yes, there are no names", "No"],
    truth="No",
    reveal="One head of purchasing in Colmar, one birth in March, one return at 80 %: three colleagues would name her at once, and so would anyone with the staff "
    "page of the site. The absence is about her health. It stayed in the provider's logs, where nobody could fetch it back.",
    cost="One notification to the authority, one letter to her, and eleven hours of four people. It would have run on our own machine in two minutes.",
)
# %% [markdown]
# ## 2 · The rules
# This is our policy, as it stands today. You need not learn it by heart: fold it out whenever you want it.
# %%
lab.policy()
# %% [markdown]
# ## 3 · Sort the requests
# First four to warm up, then the twenty-four that count. Read the request as it was written, excuses included. Then decide three things: which data decides,
# where the model may run, and which check by a person it needs. Choose the *least* strict place that the rules allow: a stricter one is slower and worse, and
# drives people to their phones.
# %%
lab.form()
# %% explore
lab.hint(
    "How do I find the class?",
    "Look for the most delicate thing that is really in the text that goes in, not for what the request is about. One sick note among a thousand mails makes "
    "the batch sensitive. A published text stays public, whoever asks.",
)
# %% explore
lab.hint(
    "How do I find the check?",
    "Two things ask for one: the data and the consequence. Take the stricter. Who acts on it? Does it leave the company, move money (how much?), or decide about a person?",
)
# %% explore
lab.hint(
    "When is the answer “nowhere”?",
    "When the use itself is not to be done, however safe the machine: reading feelings of staff, watching people in secret, decisions about a person that nobody can review.",
)
# %% [markdown]
# ## 4 · Check your work
# This measures your warm-up cards. The twenty-four are graded after you hand in: their answers are not on this computer.
# %% check="tier"
lab.check("tier")
# %% check="check"
lab.check("check")
# %% check="data"
lab.check("data")
# %%
lab.tomorrow()
# %%
lab.hand_in()
