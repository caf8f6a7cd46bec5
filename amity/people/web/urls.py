from django.urls import path

from amity.people.web import organisations, people, person

urlpatterns = [
    path("people/", people.people, name="people"),
    path("people/filters/", people.filters, name="people-filters"),
    path("people/export/", people.export, name="people-export"),
    path("people/<uuid:person_id>/", person.person, name="person"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/<uuid:organisation_id>/", organisations.organisation, name="organisation"),
]
