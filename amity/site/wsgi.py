"""Pages and API, for `granian --interface wsgi amity.site.wsgi:application`."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amity.site.settings")
application = get_wsgi_application()
gc.collect()
gc.freeze()  # what was loaded stays: no later collection need look at it again
