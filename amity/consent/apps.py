from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentConfig(AppConfig):
    name = "amity.consent"
    label = "consent"
    verbose_name = _("Purposes and consent")

    def ready(self) -> None:
        """Take the places on the page of a person, in merges, lists, exports and imports."""
        from amity.channels import own_fields
        from amity.consent import listing, person
        from amity.consent.files import ConsentForFiles

        person.register()
        listing.register()
        own_fields.provide_consent(ConsentForFiles())
