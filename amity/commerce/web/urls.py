from django.urls import path

from amity.commerce.web import household, orders, tiers

urlpatterns = [
    path("orders/", orders.orders, name="orders"),
    path("orders/export/", orders.export, name="orders-export"),
    path("orders/filters/", orders.filters, name="orders-filters"),
    path("orders/<uuid:order_id>/", orders.order, name="order"),
    path("people/<uuid:person_id>/household/", household.person_household, name="person-household"),
    path("people/<uuid:person_id>/household-refusal/", household.household_refusal, name="household-refusal"),
    path(
        "households/<uuid:household_id>/withdrawal/",
        household.household_withdrawal,
        name="household-withdrawal",
    ),
    path(
        "households/<uuid:household_id>/restoration/",
        household.household_restoration,
        name="household-restoration",
    ),
    path("people/<uuid:person_id>/tier/", tiers.person_tier, name="person-tier"),
    path("tier-choices/<uuid:choice_id>/withdrawal/", tiers.withdrawal, name="tier-choice-withdrawal"),
    path("tier-choices/<uuid:choice_id>/restoration/", tiers.restoration, name="tier-choice-restoration"),
    path("people/<uuid:person_id>/orders/", orders.person_orders, name="person-orders"),
]
