"""Addresses of the import screens."""

from __future__ import annotations

from django.urls import path

from amity.channels.web import listing, mapping, rows, runs

urlpatterns = [
    path("imports/", listing.imports_page, name="imports"),
    path("imports/<uuid:run_id>/", runs.run_page, name="import"),
    path("imports/<uuid:run_id>/mapping/", mapping.mapping_page, name="import-mapping"),
    path("imports/<uuid:run_id>/reading/", mapping.reading, name="import-reading"),
    path("imports/<uuid:run_id>/sheet/", mapping.sheet, name="import-sheet"),
    path("imports/<uuid:run_id>/saved-mapping/", mapping.saved_mapping, name="import-saved-mapping"),
    path("imports/<uuid:run_id>/trial/", mapping.trial, name="import-trial"),
    path("imports/<uuid:run_id>/trial/stop/", mapping.trial_stop, name="import-trial-stop"),
    path("imports/<uuid:run_id>/start/", mapping.start, name="import-start"),
    path("imports/<uuid:run_id>/removal/", runs.removal, name="import-removal"),
    path("imports/<uuid:run_id>/stop/", runs.stop, name="import-stop"),
    path("imports/<uuid:run_id>/continuation/", runs.continuation, name="import-continuation"),
    path("imports/<uuid:run_id>/replay/", runs.replay, name="import-replay"),
    path("imports/<uuid:run_id>/undo/", runs.undo, name="import-undo"),
    path("imports/<uuid:run_id>/rows/<uuid:item_id>/", rows.raw_row, name="import-row"),
    path("imports/<uuid:run_id>/outcomes.csv", rows.outcomes_csv, name="import-outcomes"),
    path("imports/<uuid:run_id>/not-taken.csv", rows.not_taken_csv, name="import-not-taken"),
]
