from django.urls import path

from amity.segments.web import builder, person, segments

urlpatterns = [
    path("segments/", segments.segments, name="segments"),
    path("segments/examples/<slug:key>/", segments.example, name="segments-example"),
    path("segments/new/", builder.new, name="segment-new"),
    path("segments/preview/", builder.count, name="segments-preview"),
    path("segments/<uuid:segment_id>/", segments.segment, name="segment"),
    path("segments/<uuid:segment_id>/rule/", builder.rule, name="segment-rule"),
    path("segments/<uuid:segment_id>/removal/", segments.removal, name="segment-removal"),
    path("segments/<uuid:segment_id>/restoration/", segments.restoration, name="segment-restoration"),
    path("segments/<uuid:segment_id>/version/", segments.version, name="segment-version"),
    path("segments/<uuid:segment_id>/people/<uuid:person_id>/", person.why_in_segment, name="segment-person"),
    path("people/<uuid:person_id>/segments/", person.person_segments, name="person-segments"),
]
