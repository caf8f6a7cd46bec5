"""What is wrong with whom, and how much of it there is: derived from what sources say of people, kept in step.

A `Finding` is a thing that can be wrong in a scope; a `Verdict` holds those of one person. How many have each follows
from the `Tally`, which triggers write whenever a verdict is made, changed or goes with its person: so a figure is
always the number of its records.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

HERE = "here"
"""In the place of a problem: that a source tells of somebody at all."""
ALL, SOURCE, TEAM = "all", "source", "team"


class Finding(models.Model):
    """Something that can be so of a person in a scope: by all sources, by one, or by those of one team."""

    id = models.AutoField(primary_key=True)
    scope = models.CharField(max_length=8)
    scope_id = models.UUIDField(null=True)
    field = models.CharField(max_length=60, blank=True)
    problem = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "scope_id", "field", "problem"],
                name="quality_finding_once",
                nulls_distinct=False,
            )
        ]


class Verdict(models.Model):
    """The findings that hold of a person. It goes with the person: the database sees to that."""

    person = models.OneToOneField(
        "people.Person", primary_key=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    findings: models.Field[Any, Any] = ArrayField(models.IntegerField())
    judged_at = models.DateTimeField()

    class Meta:
        indexes = [GinIndex(fields=["findings"], name="quality_verdict_findings")]


class Tally(models.Model):
    """That so many more (or fewer) people have a finding. Added up they are how many have it."""

    id = models.BigAutoField(primary_key=True)
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="+")
    change = models.BigIntegerField()


class Shared(models.Model):
    """A value that several people have, though it should be of one: of each of them, and by which source."""

    id = models.BigAutoField(primary_key=True)
    field = models.CharField(max_length=60)
    digest = models.UUIDField()
    person = models.ForeignKey(
        "people.Person", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    source_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["field", "digest"], name="quality_shared_value")]


class Day(models.Model):
    """How many had a finding on a day, as those see it to whom these sources are hidden ("": none are)."""

    pk = models.CompositePrimaryKey("on", "sight", "finding_id")
    on = models.DateField()
    sight = models.CharField(max_length=32, blank=True)
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="+", db_index=False)
    count = models.BigIntegerField()


class Flag(models.Model):
    """That a row was taken in although it breaks a rule that only flags. The value itself is not kept here."""

    id = models.BigAutoField(primary_key=True)
    source_id = models.UUIDField()
    run_id = models.UUIDField(null=True)
    position = models.IntegerField()
    identity = models.ForeignKey(
        "people.Identity", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    field = models.CharField(max_length=60)
    rule = models.CharField(max_length=12)
    flagged_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["run_id", "position", "id"], name="quality_flag_run")]
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "source_id", "run_id", "field", "rule"],
                name="quality_flag_once",
                nulls_distinct=False,
            )
        ]


class Repair(models.Model):
    """That a colleague put values right, of how many people, and whether it was taken back."""

    id = models.UUIDField(primary_key=True, editable=False)
    field = models.CharField(max_length=60)
    people = models.IntegerField()
    by = models.ForeignKey(
        "kernel.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
