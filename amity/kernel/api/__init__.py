"""What every operation of the public interface stands on: tokens, limits, pages, versions, answers that are kept."""

from __future__ import annotations

from ninja import Schema

# Hundreds of models take 18 MB of whoever serves pages. Each is built when it is first asked for.
Schema.model_config["defer_build"] = True
