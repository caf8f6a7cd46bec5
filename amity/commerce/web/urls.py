from django.urls import path

from amity.commerce.web import orders

urlpatterns = [
    path("orders/", orders.orders, name="orders"),
    path("orders/filters/", orders.filters, name="orders-filters"),
    path("orders/<uuid:order_id>/", orders.order, name="order"),
    path("people/<uuid:person_id>/orders/", orders.person_orders, name="person-orders"),
]
