"""Finding the records of one person: the verbs and questions that the rest of people calls.

    keep_in_step(person_ids, at=…)   after what is said of people has changed: their keys follow
    forget(person_ids)               when people are removed: nothing stays behind
    rebuild(at=…)                    all keys anew
    train(at=…)                      learn the weights from all people, and keep them
    candidates_for(…)                who may be the same person, best first, each with its evidence
    rescore()                        all pairs of people that may be one, and who would be joined

The engine decides nothing and merges nothing: it says how sure it is and why. It also knows nothing of who may see
whom: ask `queries` which of the candidates the actor knows, and show no evidence of others.
"""

from amity.people.forgetting import forget
from amity.people.matching.finding import Candidate, candidates_for, current_model
from amity.people.matching.keeping import keep_in_step, rebuild
from amity.people.matching.learning import Pair, Rescored, rescore, sure_pairs, train

__all__ = [
    "Candidate",
    "Pair",
    "Rescored",
    "candidates_for",
    "current_model",
    "forget",
    "keep_in_step",
    "rebuild",
    "rescore",
    "sure_pairs",
    "train",
]
