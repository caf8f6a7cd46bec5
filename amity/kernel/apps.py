from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    name = "amity.kernel"
    label = "kernel"
    verbose_name = _("Kernel")

    def ready(self) -> None:
        """Let whoever runs Amity set up its traces before anything happens, and have changed rows written down."""
        from amity.kernel import tracing

        tracing.set_up()
        post_migrate.connect(_install_triggers, dispatch_uid="kernel.audit_triggers")


def _install_triggers(sender: AppConfig, **_more: Any) -> None:
    """After the last package's tables, bring the triggers of the audit trail to what the models declare."""
    from django.apps import apps

    last = [app for app in apps.get_app_configs() if app.models_module is not None][-1]
    if sender is last:
        from amity.kernel import audit_triggers

        audit_triggers.install()
