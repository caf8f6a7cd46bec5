from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    name = "amity.retention"
    label = "retention"
    verbose_name = _("Retention")

    def ready(self) -> None:
        """Look again before an erasure that a rule asked for begins, and take the place among the filters of people."""
        from amity.retention import flags, keeping_back  # noqa: F401  # it registers itself

        flags.register()
