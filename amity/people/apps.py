from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "amity.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Say what goes along when people are merged."""
        from amity.people import audience, moved

        audience.register()
        moved.register()
