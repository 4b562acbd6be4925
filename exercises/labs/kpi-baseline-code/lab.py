# %% [markdown]
# # Measure before you change: the baseline in Python
# %%
import atelier
lab = atelier.open_lab("kpi-baseline-code")
lab.welcome()
# %% [markdown]
# ## 1 · A fifth faster
# This note is on the agenda of the steering meeting in ten minutes.
# %% explore
lab.show("report.txt")
# %% explore
lab.commit(
    "first-look",
    "What does the note show?",
    options=["A gain of about a fifth", "A smaller gain than that", "Nothing yet"],
    truth="Nothing yet",
    reveal="The second reading is booked elsewhere, so the minutes are not those of the work. And the German letters, which take longest, went to the people "
    "without the tool: even if it helped nobody, its median would be lower.",
    cost="Licences for four desks, on a figure that the tool would have got for doing nothing.",
)
# %% [markdown]
# ## 2 · The log
# One row is one sitting on a case. `work` and `review` are minutes; `review` is `None` where nobody booked it. A case that came back has several rows.
# For the comparison, rows also say `stratum`, `week` (1 is the first week of the pilot) and whether the `tool` was used.
# %% explore
practice = lab.practice()
practice[0]
# %% [markdown]
# ## 3 · Four functions
# Only the standard library is needed: `statistics` and `math` have all of it.
#
# **The figure.** Add up work and review of all rows of a case; leave out a case if any of its rows has no booked review (it is unknown, not zero); return the
# median over cases, or 0.0 if none is left.
# %% answer="minutes"
from statistics import fmean, median, variance
from math import ceil, sqrt

def median_minutes(log):
    """Return the median minutes per case, review and rework included."""
    ### BEGIN SOLUTION
    whole, unknown = {}, set()
    for row in log:
        if row["review"] is None:
            unknown.add(row["case"])
        else:
            whole[row["case"]] = whole.get(row["case"], 0.0) + row["work"] + row["review"]
    known = [minutes for case, minutes in whole.items() if case not in unknown]
    return median(known) if known else 0.0
    ### END SOLUTION
# %% check="median-minutes"
lab.check("median-minutes", median_minutes)
# %% [markdown]
# **Like with like.** Here each case has one row. Leave out weeks 1 and 2, then every stratum in which either way of working has fewer than five cases. In each that remains, take
# the mean without the tool minus the mean with it (work and review), and return the average of these gains, weighted by the number of cases in the stratum.
# (This is direct standardisation: see "Standardization" in any textbook of epidemiology. What the total does instead is named after E. H. Simpson, 1951.)
# %% answer="strata"
def gain_by_stratum(log):
    """Return the minutes saved per case with the tool, compared within strata."""
    ### BEGIN SOLUTION
    strata = {}
    for row in log:
        if row["week"] > 2:
            both = strata.setdefault(row["stratum"], {True: [], False: []})
            both[row["tool"]].append(row["work"] + row["review"])
    kept = [both for both in strata.values() if min(len(both[True]), len(both[False])) >= 5]
    sizes = [len(both[True]) + len(both[False]) for both in kept]
    gains = [fmean(both[False]) - fmean(both[True]) for both in kept]
    return sum(gain * size for gain, size in zip(gains, sizes)) / sum(sizes)
    ### END SOLUTION
# %% check="like-with-like"
lab.check("like-with-like", gain_by_stratum)
# %% [markdown]
# **How sure?** For two lists of minutes, the 95 % interval of mean(before) − mean(after) is the difference ± 1.96 · √(s₁²/n₁ + s₂²/n₂), where s² is the
# sample variance (n − 1). It does not assume equal spread (Welch 1947); with few cases take the t distribution instead of 1.96 at work.
# %% answer="difference"
def difference_interval(before, after):
    """Return (low, high), the 95 % interval of the difference of means."""
    ### BEGIN SOLUTION
    gap = fmean(before) - fmean(after)
    half = 1.96 * sqrt(variance(before) / len(before) + variance(after) / len(after))
    return gap - half, gap + half
    ### END SOLUTION
# %% check="interval"
lab.check("interval", difference_interval)
# %% [markdown]
# **How many?** Turn the formula round: with the same deviation in both groups, of equal size n, how large must n be for a half width of at most `half_width`?
# %% answer="cases"
def cases_needed(deviation, half_width):
    """Return the whole number of cases per group."""
    ### BEGIN SOLUTION
    return ceil(2 * (1.96 * deviation / half_width) ** 2)
    ### END SOLUTION
# %% check="sample-size"
lab.check("sample-size", cases_needed)
# %% explore
lab.hint(
    "My gain has the wrong sign",
    "A gain is minutes saved: without the tool minus with it. If the sign is right in each stratum and wrong in the end, look at what you weight by.",
)
# %% explore
lab.hint(
    "My sample size is a little too large or too small",
    "Each group has its own variance, so the sum under the root is 2 · deviation² / n. A number of cases is whole, and rounding down makes the interval too wide.",
)
# %% [markdown]
# ## 4 · The note from the beginning, again
# Two lines of that note would change after your functions. Write them as you would send them: the figure, its interval, its number of cases, and what is still unknown.
#
# The lab `kpi-baseline` on the product owner's track goes on from here without code: which figure to steer by, which target, and what must not get worse.
# %%
lab.tomorrow()
# %%
lab.hand_in()
