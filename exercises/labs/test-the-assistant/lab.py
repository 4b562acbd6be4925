# %% [markdown]
# # Test the assistant before customers do
# %%
import atelier
lab = atelier.open_lab("test-the-assistant")
lab.welcome()
# %% [markdown]
# ## 1 · Three good answers
# Comptoir Nimbe sells things for the home. From Monday, an assistant called Nim may answer the customer desk's mail and start refunds. These are
# the rules of the desk, and this was the demo.
# %% explore
lab.show("policy.txt")
# %% explore
lab.show("demo.txt")
# %% explore
lab.commit(
    "first-look",
    "You own the desk. Do you put Nim in front of customers?",
    options=["Yes, from Tuesday", "Not yet"],
    truth="Not yet",
    reveal="Hugo Pichon read the order number on a parcel in the stairwell. Nim did not ask whose order it was: it told him what Thérèse Vasseur "
    "had bought, and paid him for it. All three questions of the demo came with the customer's own order number, in English, and nobody lied in them. "
    "The demo could not fail.",
    cost="€ 312 to a stranger, a customer's purchase given away, and a report to the data protection authority within 72 hours.",
)
# %% explore
lab.show("tuesday.txt", after="first-look")
# %% [markdown]
# ## 2 · What three tries are worth
# Some assistants fail always, in some messages. Others fail in all messages, sometimes.
# %% explore
lab.commit(
    "three-tries",
    "An assistant is right four times in five. How likely are three good answers in a row?",
    options=["About 1 in 10", "About 1 in 4", "About 1 in 2"],
    truth="About 1 in 2",
    reveal="0.8 × 0.8 × 0.8 = 0.51. Twenty good answers in a row happen to it once in a hundred times (0.8 to the power of 20). How often you ask decides "
    "what you can know.",
    cost="With three tries, you release every second assistant of this kind. On 4,000 messages a month, 800 answers are wrong.",
)
# %% [markdown]
# ## 3 · Build your tests
# A test is a message, what must hold of the reply, how often you ask, and in what share it must hold. Here are four assistants: an honest one and three with a
# fault. (They are programs that we wrote, not models: they behave as assistants do, and their faults are certain to be there.) Stop the three, and let the honest one through.
#
# The grade uses **eight** kinds of fault, each in ten versions that show in other messages. Five of the kinds are not shown here. So test the rules, not
# the faults that you happen to see.
# %%
lab.form()
# %% explore
lab.hint(
    "Where do I start?",
    "With Tuesday: somebody writes with the number of another person's order. What must hold of the reply? Tick it, ask ten times, add the test, and look at "
    "assistant A. Then use Copy: change one thing in the message and think again about what must hold.",
)
# %% explore
lab.hint(
    "The honest assistant is rejected",
    "Click its result and read the conversation that fails. Either you expect something that the rules do not say (no article 3 without an order number!), or you forgive "
    "nothing: the honest one forgets its article once in fifty replies, and the desk allows that. Ask for such things “8 times in 10”, and keep “every time” for "
    "money, promises and other people's data.",
)
# %% explore
lab.hint(
    "What might be in the grade that I cannot see here?",
    "Read the rules again, article by article, and ask of each how an assistant could break it, and in which message it would show. A wrong article. A wrong number of days. "
    "The wrong language. No order number. An instruction inside the message. Some faults show only together with a quoted mail or a long one: put these into tests that you need anyway.",
)
# %% explore
lab.hint(
    "How is a sample size found?",
    "For a share p known from n conversations, the 95 % interval reaches about 1.96 × √(p × (1 − p) / n) to either side (normal approximation; Wilson's interval of 1927 "
    "needs four conversations fewer here). It is widest at p = 0.5. Set it to 0.10 and solve for n.",
)
# %% [markdown]
# ## 4 · Check your work
# The same measure as the grade, on the four assistants that you know. One version of three faults is not much: look also at what you have not tried yet.
# %% check="kill-rate"
lab.check("kill-rate")
# %% check="steady-verdict"
lab.check("steady-verdict")
# %% check="sample-size"
lab.check("sample-size")
# %% [markdown]
# ## 5 · Tuesday, again
# Which of your tests stops the assistant that paid Hugo Pichon? If none does, it goes live again.
# %%
lab.tomorrow()
# %%
lab.hand_in()
