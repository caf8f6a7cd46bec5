import gc

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from amity.kernel.pipeline import Batch

# Of objects between two looks for garbage. A batch makes them by the 100,000, and nearly all live until it is done:
# looking every 700, as Python does, costs a quarter of its time (1,250 against 1,590 people a second in bulk).
COLLECT_EVERY = 20_000


class SiteConfig(AppConfig):
    name = "amity.site"
    label = "site"
    verbose_name = _("Site")

    def ready(self) -> None:
        """Join what the packages bring to the frame: counts, finders, and what can be open on a screen."""
        # Some register what they define when they are imported.
        from amity.channels import inlet
        from amity.site import counts, finders, import_outcomes, metrics, panels, subjects, undo_outlook  # noqa: F401
        from amity.site.accounts import trail

        trail.watch_accounts()
        autodiscover_modules("health")  # each package's checks for the Status screen
        metrics.count_sign_ins()
        autodiscover_modules("restored")  # and what it puts right after a restore
        autodiscover_modules("erasing")  # and what it removes of somebody who is erased
        autodiscover_modules("personal")  # what its tables hold of people
        autodiscover_modules("disclosing")  # and what it tells of somebody who asks
        counts.register()
        panels.register()
        inlet.provide_corridor(_walk)
        gc.set_threshold(COLLECT_EVERY, *gc.get_threshold()[1:])


def _walk(batch: Batch) -> None:
    from amity.site.ingest import walk  # with it comes all that reads text: only when something is said

    walk(batch)
