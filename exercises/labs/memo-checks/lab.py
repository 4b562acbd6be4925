# %% [markdown]
# # Check a memo before it is filed
# %%
import atelier
lab = atelier.open_lab("memo-checks")
lab.welcome()
# %% [markdown]
# ## 1 · One memo, one citation
# The question was whether your client must pay a penalty although the other side suffered no loss. The assistant wrote this in forty seconds. The clerk has
# checked the decision: it exists, court, date, number and parties are right, it is good law, and the quoted words stand in the file.
# %% explore
lab.show("first-memo.txt")
# %% explore
lab.commit(
    "first-look",
    "Do you file it?",
    options=["File", "Hold"],
    truth="Hold",
    reveal="The words stand in the file, letter by letter. They are what the defendant argued, in the part of the decision that repeats both sides. The court went on: "
    "“The penalty replaces the proof of loss.” The memo quotes the losing side as the law, and the holding above the quote is its contrary.",
    cost="The case, the costs of both sides, and the colleague's name under the memo.",
)
# %% explore
lab.show("first-decision.txt", after="first-look")
# %% [markdown]
# ## 2 · What each error costs
# Since 2023, courts in several countries have fined lawyers for citations that a model made up; 5,000 dollars for two of
# them and their firm in New York (Mata v. Avianca, Southern District of New York, 22 June 2023).
# A made-up reference is the easy one: it cannot be opened. A true one with another's holding, a quote without its “unless”, a decision that was overruled last year look
# right until the other side reads them aloud. Holding a sound memo costs a lawyer a quarter of an hour.
#
# Your check must weigh both: **false citations stopped, minus sound memos held up.** All law here is invented, and this is all of it: sixty decisions and articles.
# %% explore
lab.show("corpus")
# %% [markdown]
# ## 3 · Build your check
# Choose a part of the citation (“Field”) and the rule that it must meet, and add it. The grid shows at once what your rules do to the practice memos. Click a mark to read the memo behind
# it. Three kinds of fault are shown here. The grade uses more than twelve, so think of what *could* go wrong.
# %%
lab.form()
# %% explore
lab.hint(
    "Where do I start?",
    "With the reference: it “must exist in” the case file, column reference. Then the date: it “must match the case file”, found by Reference. Go on through the parts: what "
    "does the file say of each, in the row that the memo names?",
)
# %% explore
lab.hint(
    "Which column for the quote?",
    "The memo says that the court said it. So the words must stand in the reasons, in the row found by Reference. In the arguments they stand as well, now and then.",
)
# %% explore
lab.hint(
    "A rule holds sound memos",
    "Click its row among the sound memos and read one. An article has no parties: use “Only when”, the court is one of the three courts. A holding may be put in other words, "
    "and overruled decisions may be cited by whoever says so.",
)
# %% explore
lab.hint(
    "Is it not enough that memo and source are alike?",
    "Add the rule “must be alike” alone and look at the grid; then take it out. “A penalty is owed” and “a penalty is not owed” have all words but one in common. Comparing rows is "
    "better: a holding must be *nearer to its own row* than to any other. And each “not” must be counted.",
)
# %% [markdown]
# ## 4 · Check your work
# The same measure as the grade, on your practice memos.
# %% check="catch-rate"
lab.check("catch-rate")
# %% check="right-field"
lab.check("right-field")
# %% check="robust"
lab.check("robust")
# %% [markdown]
# ## 5 · The memo from the beginning, again
# Which of your rules holds the memo on the penalty? If it looks for the quote in the whole decision, none does.
# %%
lab.tomorrow()
# %%
lab.hand_in()
