# %% [markdown]
# # Check a drafted reply before it is sent
# %%
import atelier
lab = atelier.open_lab("reply-checks")
lab.welcome()
# %% [markdown]
# ## 1 · One ticket, one draft
# The assistant read this ticket and wrote the reply below it. Forty more are waiting. It quotes the policy correctly.
# %% explore
lab.show("first-ticket.txt")
# %% explore
lab.show("first-draft.json")
# %% explore
lab.commit(
    "first-look",
    "Does the reply go out?",
    options=["Send", "Hold"],
    truth="Hold",
    reveal="The article is the right one, its words are quoted exactly, the price is right. But the monitors were delivered on 2 March and the customer wrote "
    "on 19 March: seventeen days, not fourteen. The right existed; it had run out. The draft took “the other week” for an answer, and no customer will ever complain about it.",
    cost="€ 389.00 refunded without need, and a sentence in writing that the next late customer will quote.",
)
# %% explore
lab.show("orders.csv", after="first-look")
# %% [markdown]
# ## 2 · What each error costs
# At 300 drafts a day, one wrong in fifty is six a day. A right granted too late costs the price of the item. An invented article costs it as well, and
# binds you. One customer's name or order in another one's reply is a data breach that may have to be reported within 72 hours. Holding a right draft costs
# a colleague four minutes, and a customer an hour.
#
# Your control must weigh both: **faults stopped, minus right replies held up.** This is the policy that counts.
# %% explore
lab.show("policy")
# %% [markdown]
# ## 3 · Build your control
# Choose a part of the draft (“Field”) and the rule that it must meet, and add it. The grid shows at once what your rules do to the practice drafts. Click a mark to read
# the ticket behind it; policy and orders are below. Three kinds of fault are shown here. The grade uses more than twelve, so think of what *could* go wrong.
# %%
lab.form()
# %% explore
lab.hint(
    "Where do I start?",
    "With the deadline. Where does the right number of days come from? From the policy, by the article. Choose “Deadline in days”, “must match its list”, found by "
    "“Article”. Then ask of every part: does its truth stand in the policy, in the orders, in the ticket, or in the calendar?",
)
# %% explore
lab.hint(
    "A rule should not speak of refusals",
    "Below the rule stands “Only when”. Choose “Decision is …” and list the decisions for which it should speak, one per line: refund, replacement, repair, voucher, "
    "correction, parts. A refusal may well be later than the deadline; that is why it is one.",
)
# %% explore
lab.hint(
    "What might be in the grade that I cannot see here?",
    "Parts that are wrong and agree with each other: another article with its own deadline, another customer's order with its own price. Sentences that nobody "
    "asked for: a promise, a gift, a name. And something that should be there and is not: the notice of article 12.",
)
# %% explore
lab.hint(
    "A rule holds honest replies",
    "Click its row among the right drafts and read one. Colleagues write “fourteen days”, “Dear Ms Lefranc”, or quote a rule with […]. “We cannot promise” is not a promise.",
)
# %% [markdown]
# ## 4 · Check your work
# The same measure as the grade, on your practice drafts.
# %% check="catch-rate"
lab.check("catch-rate")
# %% check="right-field"
lab.check("right-field")
# %% check="robust"
lab.check("robust")
# %% [markdown]
# ## 5 · The ticket from the beginning, again
# Which of your rules holds the reply about the monitors? If none does, the money left this morning.
# %%
lab.tomorrow()
# %%
lab.hand_in()
