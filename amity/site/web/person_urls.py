from django.urls import path

from amity.site.web import person_panels

urlpatterns = [
    path(
        "people/<uuid:person_id>/conversations/",
        person_panels.person_conversations,
        name="person-conversations",
    ),
]
