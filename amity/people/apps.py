from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "amity.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Say what goes along when people are merged, and what the company's own fields may be used for."""
        from amity.channels import own_fields
        from amity.kernel import purposes
        from amity.people import audience, moved
        from amity.people.custom_facts import OwnFieldsForFiles
        from amity.people.queries.fields import OwnFieldsOfPeople

        audience.register()
        moved.register()
        purposes.provide_own_fields(OwnFieldsOfPeople())
        own_fields.provide_own_fields(OwnFieldsForFiles())
