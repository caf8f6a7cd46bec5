from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "amity.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Say what goes along when people are merged, and what the company's own fields may be used for."""
        from amity.channels import own_fields
        from amity.channels.kept_runs import keeps_runs
        from amity.kernel import purposes
        from amity.people import audience, moved
        from amity.people.custom_facts import OwnFieldsForFiles
        from amity.people.keeping_back import keep_runs_of_held
        from amity.people.queries.fields import OwnFieldsOfPeople
        from amity.people.web import noting

        audience.register()
        moved.register()
        noting.register()
        purposes.provide_own_fields(OwnFieldsOfPeople())
        own_fields.provide_own_fields(OwnFieldsForFiles())
        keeps_runs("people.holds", keep_runs_of_held)
