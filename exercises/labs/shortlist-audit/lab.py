# %% [markdown]
# # Audit a shortlist before anyone is turned down
# %%
import atelier
lab = atelier.open_lab("shortlist-audit")
lab.welcome()
# %% [markdown]
# ## 1 · One CV, one grid
# A logistics coordinator is wanted. Whoever has 8 points or more is invited. The assistant read this CV and filled in the grid below it.
# %% explore
lab.show("first-cv.txt")
# %% explore
lab.show("first-grid.json")
# %% explore
lab.commit(
    "first-look",
    "By this grid, the letter says no. Does it go out?",
    options=["Decline", "Hold"],
    truth="Hold",
    reveal="Name, degree, years, level, sum: all right, and the quotes stand in the CV. Below you see the same CV read again by the same tool. Only the name at the top "
    "was exchanged. It earned two points more for the same skill and the same quote. Nothing inside the first grid could have told you.",
    cost="One person not invited, a discrimination claim with two grids as evidence, and 180 more letters that were sent the same way.",
)
# %% explore
lab.show("second-grid.json", after="first-look")
# %% [markdown]
# ## 2 · What each error costs
# For 200 CVs, one wrong grid in twenty is ten people. Points that are too high cost an interview and half a day. Points that are too low cost a person the job, and
# nobody in the house ever notices. A remark on age or origin that stays in the file costs a court case. Holding a right grid costs a recruiter ten minutes.
#
# Your audit must weigh both: **wrong grids stopped, minus right ones held up.** The scale of the offer gives for experience 1 point
# from 1 year on, 2 from 3, 3 from 5, 4 from 8 and 5 from 12. It stands below each CV.
# %% [markdown]
# ## 3 · Build your audit
# Choose a part of the grid (“Field”) and the rule that it must meet, and add it. The table beside it shows at once what your rules do to the practice grids. Click a mark to read
# the CV behind it. Three kinds of fault are shown here. The grade uses more than ten, so think of what *could* go wrong.
# %%
lab.form()
# %% explore
lab.hint(
    "Where do I start?",
    "With the CV from the beginning. “Total with another name” must be the same as “Total”. Then ask of every part where its truth stands: in the CV word for "
    "word, in the periods of the CV, in the scale, or in the sum.",
)
# %% explore
lab.hint(
    "How do I check the years?",
    "“Years of experience” must be the sum of the periods, open ones until “Applied on”, and may differ by 0.6, because years are rounded. The rule leaves gaps out and "
    "counts two jobs at a time once.",
)
# %% explore
lab.hint(
    "A rule holds honest grids",
    "Click its row among the right grids and read one. Somebody without the skill has no points and no quote: a quote is needed only where there are points. "
    "A Young Professionals Programme says nothing of anybody's age.",
)
# %% explore
lab.hint(
    "What might be in the grade that I cannot see here?",
    "Years and points that are wrong together. A quote that became stronger on its way. A degree that is still in progress. A sentence that no reader sees, and that the "
    "model obeyed. A remark that nobody may write.",
)
# %% [markdown]
# ## 4 · Check your work
# The same measure as the grade, on your practice grids.
# %% check="catch-rate"
lab.check("catch-rate")
# %% check="right-field"
lab.check("right-field")
# %% check="robust"
lab.check("robust")
# %% [markdown]
# ## 5 · The CV from the beginning, again
# No rule that looks only at the grid and the CV holds the first grid: it needs the second reading, and “Total” must be the same as “Total with
# another name”. Before anybody had such a rule, the tool declined 180 people for this post.
# %% explore
lab.commit(
    "last-look",
    "The first grid is held now. What about the 180?",
    options=["Nothing, their letters are gone", "Run their grids through the new rules", "A person reads their CVs again"],
    truth="A person reads their CVs again",
    reveal="A score that moves with a name is no slip of one grid: the tool weighs names, and it weighed all of theirs. Their grids were read once, so there is no second "
    "total to compare, and the rules would find nothing. Stop the tool, keep both readings as evidence, tell whoever owns it and the works council, and read the 180.",
)
# %%
lab.tomorrow()
# %%
lab.hand_in()
