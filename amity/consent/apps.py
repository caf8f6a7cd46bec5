from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentConfig(AppConfig):
    name = "amity.consent"
    label = "consent"
    verbose_name = _("Purposes and consent")

    def ready(self) -> None:
        """Take the places on the page of a person, in merges, lists, exports and imports."""
        from amity.consent import person

        person.register()
