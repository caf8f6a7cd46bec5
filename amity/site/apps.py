from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    name = "amity.site"
    label = "site"
    verbose_name = _("Site")

    def ready(self) -> None:
        """Join what the packages bring to the frame: counts, finders, and what can be open on a screen."""
        # Some register what they define when they are imported.
        from amity.site import counts, finders, panels, subjects, undo_outlook  # noqa: F401

        autodiscover_modules("health")  # each package's checks for the Status screen
        counts.register()
        panels.register()
