"""The policy: one file, from which labs take their truth, learners get their rules, and the site its page."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import sample
from conftest import ROOT

from atelier import records
from atelier.lab import OpenLab
from atelier.policy import Policy
from grader import catalog, pages, release
from grader.catalog import Catalog
from grader.errors import CatalogError


@pytest.fixture(scope="module")
def policy(known: Catalog) -> Policy:
    return known.policy


@pytest.mark.parametrize(
    ("data", "consequences", "tier", "check"),
    [
        (["public"], ["draft"], "public-cloud", "none"),
        (["public", "internal"], ["draft"], "private-cloud", "none"),
        (["confidential"], ["draft"], "private-cloud", "sample"),
        (["personal", "public"], ["reversible"], "private-cloud", "each"),
        (["sensitive"], ["draft"], "on-premises", "each"),
        (["confidential"], ["money"], "private-cloud", "each"),
        (["confidential"], ["money", "large-payment"], "private-cloud", "two"),
        (["personal"], ["decides", "draft"], "private-cloud", "two"),
        (["public"], ["banned"], None, None),
        ([], [], "public-cloud", "none"),
    ],
)
def test_tier_and_check_follow_from_data_and_consequences(
    policy: Policy, data: list[str], consequences: list[str], tier: str | None, check: str | None
) -> None:
    """The least strict tier that may see everything; the strictest check that anything asks for."""
    found, level = policy.tier_for(data, consequences), policy.validation_for(data, consequences)
    assert (found and found.id, level and level.id) == (tier, check)


def test_data_that_no_tier_may_see_goes_nowhere(policy: Policy) -> None:
    blind = replace(policy, tiers=tuple(replace(tier, allows=("public",)) for tier in policy.tiers))
    assert blind.tier_for(["public", "sensitive"]) is None


def test_ids_that_lead_nowhere_are_problems(tiny: Path) -> None:
    """A tier's data class, a class's and a consequence's check: each slip with its key and the nearest id."""
    path = tiny / catalog.POLICY
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ('allows = ["public"]', 'allows = ["publik"]'),
        ('validation = "sample"', 'validation = "sampel"'),
        ('validation = "two"', 'validation = "too"'),
    ):
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        catalog.load(tiny)
    assert [(p.file, p.key, p.says) for p in caught.value.problems] == [
        ("courses/policy.toml", "tiers.public-cloud.allows", 'no data class "publik" (did you mean "public"?)'),
        (
            "courses/policy.toml",
            "data_classes.confidential.validation",
            'no validation level "sampel" (did you mean "sample"?)',
        ),
        (
            "courses/policy.toml",
            "consequences.large-payment.validation",
            'no validation level "too" (did you mean "two"?)',
        ),
    ]


def test_learners_get_the_policy_with_each_lab(known: Catalog, tmp_path: Path) -> None:
    """As the record that the assistant asks, the same as in the file."""
    release.stage(known.lab("notebook-basics"), "a secret", tmp_path / "notebook-basics")
    found = OpenLab("notebook-basics", tmp_path / "notebook-basics").info.policy
    assert found == records.load(Policy, tomllib.loads((ROOT / catalog.POLICY).read_text(encoding="utf-8")))
    assert "policy" in json.loads((tmp_path / "notebook-basics/lab.json").read_text(encoding="utf-8"))


def test_every_key_of_the_file_is_explained_on_the_site() -> None:
    """The reference page is made of the record's own docstrings; none of them is left out."""
    page = pages.policy_reference()
    assert "| – |" not in page
    for key in ("payment_limit", "base_url", "key_env", "validation", "consequences", "owns"):
        assert f"| `{key}` |" in page


def test_the_site_shows_a_changed_tier(known: Catalog) -> None:
    """What the public cloud may see is what the page says."""

    def page(policy: Policy) -> str:
        made = pages.render(
            roles=[sample.ROLE], labs=sample.LABS, skills=sample.SKILLS, policy=policy, adoption=sample.ADOPTION
        )
        return made["policy.md"]

    wider = replace(sample.POLICY, tiers=tuple(replace(t, allows=("public", "personal")) for t in sample.POLICY.tiers))
    assert "| **Personal** | yes | **no** |" in page(sample.POLICY)
    assert "| **Personal** | yes | yes |" in page(wider)
