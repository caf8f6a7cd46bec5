from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from amity.kernel.pipeline import Batch


class SiteConfig(AppConfig):
    name = "amity.site"
    label = "site"
    verbose_name = _("Site")

    def ready(self) -> None:
        """Join what the packages bring to the frame: counts, finders, and what can be open on a screen."""
        # Some register what they define when they are imported.
        from amity.channels import inlet
        from amity.site import counts, finders, metrics, panels, subjects, undo_outlook  # noqa: F401
        from amity.site.accounts import trail

        trail.watch_accounts()
        autodiscover_modules("health")  # each package's checks for the Status screen
        metrics.count_sign_ins()
        autodiscover_modules("restored")  # and what it puts right after a restore
        counts.register()
        panels.register()
        inlet.provide_corridor(_walk)


def _walk(batch: Batch) -> None:
    from amity.site.ingest import walk  # with it comes all that reads text: only when something is said

    walk(batch)
