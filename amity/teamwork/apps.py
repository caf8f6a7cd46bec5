from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TeamworkConfig(AppConfig):
    name = "amity.teamwork"
    label = "teamwork"
    verbose_name = _("Teamwork")

    def ready(self) -> None:
        """Take the places on the person page."""
        from amity.teamwork import person

        person.register()
