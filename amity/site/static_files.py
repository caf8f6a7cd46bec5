"""Static files under names that change with their content, compressed once."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Also rewrites the imports of JavaScript modules, so that an upgrade is never served half old."""

    support_js_module_import_aggregation = True
