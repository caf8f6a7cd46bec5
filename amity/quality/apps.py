from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QualityConfig(AppConfig):
    name = "amity.quality"
    label = "quality"
    verbose_name = _("Data quality")

    def ready(self) -> None:
        """Take the place among the filters of people, and hear who was merged or came apart."""
        from amity.quality import flags, handlers, rules  # noqa: F401  # handlers register themselves
        from amity.quality.queries import known, own

        flags.register()
        rules.register()
        known.register_fields(own.own_fields)
