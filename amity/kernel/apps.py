from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    name = "amity.kernel"
    label = "kernel"
    verbose_name = _("Kernel")

    def ready(self) -> None:
        """Let whoever runs Amity set up its traces before anything happens."""
        from amity.kernel import tracing

        tracing.set_up()
