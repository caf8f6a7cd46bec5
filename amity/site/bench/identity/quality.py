"""`amity bench identity-quality`: precision, recall and F1 on labelled data, without a look at the labels.

One rule for all sets: a pair counts where one person is likelier than two (probability 0.5), joined persons where
the mean of their pairs says so. The weights are learnt from each set's own records. Truth files are read after that.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from amity.people.domain.matching.engine import (
    LINK_PROBABILITY,
    PROPOSE_PROBABILITY,
    TOPICS,
    bits_of,
    resolve,
)
from amity.people.domain.matching.table import every_pair, table_of
from amity.people.domain.matching.training import chances_of, score_pairs, train
from amity.site.bench.identity.sets import (
    LabelledSet,
    accounts_and_people,
    fake,
    febrl,
    historical,
    one_list,
    two_lists,
)

Figures = dict[str, float]


def settings() -> dict[str, float]:
    """Thresholds, fixed before any truth was looked at."""
    return {"propose_probability": PROPOSE_PROBABILITY, "link_probability": LINK_PROBABILITY}


def run(data: Path | None = None) -> Figures:
    """For each set `_f1`, `_precision`, `_recall` and `_threshold`, counted over pairs of records.

    `febrl1`, `febrl3`, `febrl4` and `fake_1000`: pairs scored at or over the threshold. `…_persons_…`: pairs within the
    persons that were joined; for `historical_people`, with ten records a person, that is the main figure and the scored
    pairs are `historical_people_pairs_…`. `public_figures`: each account with its likeliest owner.
    `…_false_auto_links_per_1000`: of 1,000 pairs that would be linked by themselves, those that are of two persons;
    `…_auto_links` is how many there are. `false_auto_links_per_1000` is the worst of the sets.
    """
    assert data is not None
    figures: Figures = {}
    for labelled in _lists(data):
        figures |= _of_list(labelled)
    figures |= _of_accounts(accounts_and_people(data / "public_figures"))
    rates = [figure for name, figure in figures.items() if name.endswith("_false_auto_links_per_1000")]
    return figures | {"false_auto_links_per_1000": max(rates)}


def _lists(data: Path) -> list[LabelledSet]:
    febrls, fakes, historicals = data / "febrl", data / "fake_1000", data / "historical_people"
    return [
        one_list("febrl1", febrls / "febrl1.csv.gz", febrls / "febrl1_truth.csv.gz", febrl),
        one_list("febrl3", febrls / "febrl3.csv.gz", febrls / "febrl3_truth.csv.gz", febrl),
        two_lists(febrls),
        one_list("fake_1000", fakes / "people.csv", fakes / "truth.csv", fake),
        one_list(
            "historical_people", historicals / "records.csv.gz", historicals / "truth.csv.gz", historical
        ),
    ]


def _of_list(labelled: LabelledSet) -> Figures:
    found = resolve(labelled.records, split=labelled.split)
    entities, name = labelled.entities, labelled.name
    right = entities[found.one] == entities[found.other]
    every = pairs_within(entities)
    sure = found.bits >= bits_of(PROPOSE_PROBABILITY)
    main, beside = ("_pairs", "") if name == "historical_people" else ("", "_persons")
    scored = scores(int((sure & right).sum()), int(sure.sum()), every)
    joined = scores(
        pairs_within(found.persons * (entities.max() + 1) + entities), pairs_within(found.persons), every
    )
    figures = {f"{name}{main}_{key}": figure for key, figure in scored.items()}
    figures |= {f"{name}{beside}_{key}": figure for key, figure in joined.items()}
    return figures | {f"{name}_threshold": PROPOSE_PROBABILITY} | _auto_links(name, found.bits, right)


def _of_accounts(labelled: LabelledSet) -> Figures:
    """Each account has one owner at most: the chances of all people for it add up to one with that of none of them."""
    table = table_of(labelled.records, TOPICS, split=labelled.split)
    one, other = every_pair(table)
    model = train(table, one, other, exclusive=True)
    bits = score_pairs(table, model, one, other)
    chances = chances_of(bits, one)
    best = np.full(labelled.split, -1.0)
    np.maximum.at(best, one, chances)
    taken = (chances >= PROPOSE_PROBABILITY) & (chances == best[one])
    right = labelled.entities[one] == labelled.entities[other]
    figures = scores(int((taken & right).sum()), int(taken.sum()), labelled.split)
    named = {f"public_figures_{key}": figure for key, figure in figures.items()}
    own = np.log2(np.maximum(chances, 1e-30) / np.maximum(1 - chances, 1e-30))
    return (
        named | {"public_figures_threshold": PROPOSE_PROBABILITY} | _auto_links("public_figures", own, right)
    )


def _auto_links(name: str, bits: npt.NDArray[np.floating], right: npt.NDArray[np.bool_]) -> Figures:
    linked = bits >= bits_of(LINK_PROBABILITY)
    count, wrong = int(linked.sum()), int((linked & ~right).sum())
    rate = 1000 * wrong / count if count else 0.0
    return {f"{name}_auto_links": count, f"{name}_false_auto_links_per_1000": round(rate, 3)}


def pairs_within(groups: npt.NDArray[np.integer]) -> int:
    """The number of pairs of records that have the same group."""
    sizes = np.unique(groups, return_counts=True)[1].astype(np.int64)
    return int((sizes * (sizes - 1) // 2).sum())


def scores(right: int, taken: int, every: int) -> Figures:
    """Precision, recall and F1 of `taken` pairs, of which `right` are among `every` that there are."""
    precision, recall = right / max(taken, 1), right / max(every, 1)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"f1": round(f1, 4), "precision": round(precision, 4), "recall": round(recall, 4)}
