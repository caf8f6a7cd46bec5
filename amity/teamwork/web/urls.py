from django.urls import path

from amity.teamwork.web import promises

urlpatterns = [
    path("people/<uuid:person_id>/promises/", promises.person_promises, name="person-promises"),
    path("promises/<uuid:promise_id>/keeping/", promises.keeping, name="promise-keeping"),
    path("promises/<uuid:promise_id>/withdrawal/", promises.withdrawal, name="promise-withdrawal"),
    path("promises/<uuid:promise_id>/reopening/", promises.reopening, name="promise-reopening"),
]
