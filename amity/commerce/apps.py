from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommerceConfig(AppConfig):
    name = "amity.commerce"
    label = "commerce"
    verbose_name = _("Commerce")

    def ready(self) -> None:
        """Take the places on the person page and in the list of people."""
        from amity.commerce import person

        person.register()
