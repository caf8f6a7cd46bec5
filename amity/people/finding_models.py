"""What people are found by, derived from their records: keys and weights of matching, words of the search."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class MatchRecord(models.Model):
    """What is said of a person in the shape that matching compares (`amity.people.matching`); derived, kept in step.

    No constraint ties it to the person: whoever removes people removes these with `matching.forget`, and what was left
    behind is never shown.
    """

    id = models.BigAutoField(primary_key=True)
    person = models.OneToOneField(
        "people.Person", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    said: models.JSONField[dict[str, Any]] = models.JSONField()
    keyed_at = models.DateTimeField()


class MatchKey(models.Model):
    """A key (hash) of a match record: two records that share one are worth comparing."""

    pk = models.CompositePrimaryKey("key", "record_id")
    key = models.BigIntegerField()
    record = models.ForeignKey(MatchRecord, on_delete=models.CASCADE, related_name="+", db_constraint=False)


class MatchModel(models.Model):
    """Weights of matching, learnt from this installation's own records. The newest one is used."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    weights: models.JSONField[dict[str, Any]] = models.JSONField()
    figures: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    trained_at = models.DateTimeField(db_index=True)


class Word(models.Model):
    """A word by which somebody or something is found, and in how many records it stands. `keys` are those of
    `domain.spelling`, by which words that are spelt alike are found. Kept by `amity.people.vocabulary`."""

    word = models.TextField(primary_key=True, db_collation="C")
    records = models.IntegerField()
    keys: models.Field[Any, Any] = ArrayField(models.IntegerField())

    class Meta:
        indexes = [GinIndex(fields=["keys"], name="people_word_keys")]


class WordChange(models.Model):
    """Words that came to a person or an organisation (`sign` 1) or went (-1) and are not counted yet. Triggers write
    them, whoever changes the record and how."""

    id = models.BigAutoField(primary_key=True)
    record_id = models.UUIDField()
    sign = models.SmallIntegerField()
    words = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["record_id"], name="people_wordchange_record")]
