"""What they bought: products, orders with their lines, and totals by buyer."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amity.channels.models import Source
from amity.kernel.audited import Audited
from amity.kernel.models import Staff
from amity.kernel.policy import Access, GuardedQuerySet
from amity.people.models import Identity


class Product(models.Model):
    access: ClassVar = Access("order")
    audited: ClassVar = Audited(quiet=("created_run_id",))

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    sku = models.CharField(_("SKU"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=300)
    created_run_id = models.UUIDField(null=True)

    objects = GuardedQuerySet["Product"].as_manager()

    def __str__(self) -> str:
        return self.name


class Order(models.Model):
    """A purchase. `amount` is what the customer paid in all, in major units of `currency`."""

    access: ClassVar = Access("order", source="source_id", source_team="source__team")
    audited: ClassVar = Audited(quiet=("run_id",))

    id = models.UUIDField(primary_key=True, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    external_id = models.TextField()
    number = models.CharField(_("number"), max_length=80)
    buyer = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="orders", db_index=False)
    ordered_at = models.DateTimeField(_("ordered"))
    status = models.CharField(_("status"), max_length=20)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    items = models.IntegerField(_("items"), default=0)
    run_id = models.UUIDField(null=True)
    extra: models.JSONField[dict[str, Any] | None] = models.JSONField(null=True)

    objects = GuardedQuerySet["Order"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="commerce_order_once")]
        indexes = [
            models.Index(fields=["-ordered_at", "-id"], name="commerce_order_recent"),
            models.Index(fields=["buyer", "-ordered_at"], name="commerce_order_buyer"),
            models.Index(fields=["number"], name="commerce_order_number"),
            models.Index(fields=["run_id"], name="commerce_order_run", condition=Q(run_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """A line of an order. `run_id` and `added` are of a line that another import brought than the one that brought the
    order: which, and by how much it raised the amount of the order."""

    id = models.UUIDField(primary_key=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, null=True, on_delete=models.PROTECT)
    name = models.CharField(max_length=300)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    run_id = models.UUIDField(null=True)
    added = models.DecimalField(max_digits=14, decimal_places=2, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["run_id"], name="commerce_line_run", condition=Q(run_id__isnull=False))
        ]


class FirstTelling(models.Model):
    """What the import said that brought an order, while a later one's telling of it holds; each of `lines` is id, SKU,
    name, quantity and amount."""

    order = models.OneToOneField(Order, primary_key=True, on_delete=models.CASCADE, related_name="+")
    number = models.CharField(max_length=80)
    status = models.CharField(max_length=20)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    items = models.IntegerField()
    lines: models.JSONField[list[list[str]]] = models.JSONField()


class BuyerTotal(models.Model):
    """Orders of one identity in one currency, kept in step with every order; a person's totals are their sum."""

    access: ClassVar = Access("order")

    pk = models.CompositePrimaryKey("identity_id", "currency")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="totals", db_index=False)
    currency = models.CharField(max_length=3)
    orders = models.IntegerField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    objects = GuardedQuerySet["BuyerTotal"].as_manager()


class TierChoice(models.Model):
    """That a colleague gave somebody a tier, whatever the rules say: why, and until which day, on which it is over.

    It names an identity and counts for the person of that one; of several the newest holds.
    """

    audited: ClassVar = Audited()

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    # Removed with the identity by the database itself (migration 0006), so without a constraint of Django's.
    identity = models.ForeignKey(
        Identity, on_delete=models.CASCADE, related_name="tier_choices", db_constraint=False
    )
    tier = models.CharField(max_length=40)
    reason = models.CharField(_("reason"), max_length=300)
    until_on = models.DateField(null=True)
    chosen_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    chosen_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    revoked_at = models.DateTimeField(null=True)
