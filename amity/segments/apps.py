from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SegmentsConfig(AppConfig):
    name = "amity.segments"
    label = "segments"
    verbose_name = _("Segments")

    def ready(self) -> None:
        """Bring the conditions, also those on own fields and on consent, and take the places on screens of people."""
        from amity.segments import fields, person
        from amity.segments.fields import birthday, consent, own

        fields.register()
        birthday.register()
        own.register()
        consent.register()
        person.register()
