# %% [markdown]
# # Stop orders that nobody in the house gave
# %%
import atelier
lab = atelier.open_lab("hidden-instructions")
lab.welcome()
# %% [markdown]
# ## 1 · One mail, before the assistant reads it
# An assistant reads the common mailbox of Brevin, a wholesaler. It notes who writes and which amount is asked for, and drafts the reply. This mail comes next. You see it as
# it stands on the screen.
# %% explore
lab.show("first-mail.txt")
# %% explore
lab.commit(
    "first-look",
    "May the assistant read it and prepare the reply?",
    options=["Yes", "Hold"],
    truth="Hold",
    reveal="The mail holds one more line, in white on white. You could not see it; the machine reads every letter alike. Below stands what it received, and the note that the practice "
    "model really made of it. We put such a line into twenty texts: seventeen times the model noted the stranger's amount, without a word about it.",
    cost="€ 3,466.00 too much in a reply that looks careful, and a stranger who now knows that it works.",
)
# %% explore
lab.show("first-mail-as-read.txt", after="first-look")
# %% explore
lab.show("first-note.json", after="first-look")
# %% [markdown]
# ## 2 · What each error costs
# An order that gets through costs what the assistant may do: a wrong amount, a candidate at the top of the list, a customer list in a link, a mail to the outside. It works
# again tomorrow, in two hundred copies. Holding an honest text costs a colleague five minutes, and a person who wrote “please ignore my last mail” an answer.
#
# Your boundary must weigh both: **attacks stopped, minus honest texts held up.** It has two sides. The inlet: what may reach the assistant. The outlet: what it may do
# with it. This is what it may do.
# %% explore
lab.show("powers")
# %% [markdown]
# ## 3 · Build your boundary
# Choose a part and the rule that it must meet, and add it. The grid shows at once what your rules do to the practice texts. Click a mark to read the text: on the left what a
# person sees, on the right what the machine received and did. Characters that nobody sees stand in ⟦ ⟧. Three kinds of attack are shown here. The grade uses more than
# twelve, so think of what *could* be tried.
# %%
lab.form()
# %% explore
lab.hint(
    "Where do I start?",
    "With “White or tiny text”. Click its row among the attacks and read the orders. Which words does only somebody use who speaks to a machine? Forbid those with “must not say”, and "
    "add the same words for the comment and for the text itself.",
)
# %% explore
lab.hint(
    "A rule holds honest texts",
    "Click its row among the right ones and read one. “Ignore” alone is an honest word. Join two with +, so that they must stand in one sentence, or take the whole turn of phrase: "
    "“note to the AI”, “you are now”. An emoji or a flag holds up to seven unseen characters, a planted order thirty and more.",
)
# %% explore
lab.hint(
    "What might be in the grade that I cannot see here?",
    "The same orders in French, with unseen characters between the letters, with Cyrillic letters that look like ours, or in tag characters that no screen shows. A sentence that "
    "stands in the file and on no page. An earlier mail that nobody sent.",
)
# %% explore
lab.hint(
    "And if an order has no words that I could forbid?",
    "Then the outlet must hold. Whatever it noted must stand where a person sees it. Action and recipient must match the list, by the kind of text. A link or a figure that stands "
    "nowhere in the text came from somewhere else.",
)
# %% [markdown]
# ## 4 · Check your work
# The same measure as the grade, on your practice texts.
# %% check="catch-rate"
lab.check("catch-rate")
# %% check="right-field"
lab.check("right-field")
# %% check="robust"
lab.check("robust")
# %% [markdown]
# ## 5 · The mail from the beginning, again
# Which of your rules holds it before the assistant reads it? And which one would hold the note, if the white line were worded as no list of yours expects?
# %%
lab.tomorrow()
# %%
lab.hand_in()
