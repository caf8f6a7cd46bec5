from django.urls import path

from amity.commerce.web import orders, tiers

urlpatterns = [
    path("orders/", orders.orders, name="orders"),
    path("orders/filters/", orders.filters, name="orders-filters"),
    path("orders/<uuid:order_id>/", orders.order, name="order"),
    path("people/<uuid:person_id>/tier/", tiers.person_tier, name="person-tier"),
    path("tier-choices/<uuid:choice_id>/withdrawal/", tiers.withdrawal, name="tier-choice-withdrawal"),
    path("tier-choices/<uuid:choice_id>/restoration/", tiers.restoration, name="tier-choice-restoration"),
    path("people/<uuid:person_id>/orders/", orders.person_orders, name="person-orders"),
]
