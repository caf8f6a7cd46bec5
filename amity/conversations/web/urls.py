"""Addresses of the inbox."""

from __future__ import annotations

from django.urls import path

from amity.conversations.web import attaching, bulk, lists, talks, verbs, written

urlpatterns = [
    path("inbox/", lists.inbox, name="inbox"),
    path("inbox/list/", lists.queue_pane, name="inbox-list"),
    path("inbox/rows/", lists.more_rows, name="inbox-rows"),
    path("inbox/new/", lists.new_arrivals, name="inbox-new"),
    path("inbox/filters/", lists.filters, name="inbox-filters"),
    path("inbox/bulk/", bulk.bulk, name="inbox-bulk"),
    path("inbox/undo/", bulk.undo, name="inbox-undo"),
    path("inbox/replies/<uuid:message_id>/withdrawal/", verbs.withdrawal, name="reply-withdrawal"),
    path("inbox/replies/<uuid:message_id>/retry/", verbs.retry, name="reply-retry"),
    path("inbox/replies/<uuid:message_id>/arrival/", verbs.arrival, name="reply-arrival"),
    path("inbox/uploads/<uuid:upload_id>/removal/", attaching.upload_removal, name="upload-removal"),
    path("inbox/promises/<uuid:promise_id>/settlement/", verbs.settlement, name="promise-settlement"),
    path("inbox/<uuid:conversation_id>/", talks.conversation, name="conversation"),
    path("inbox/<uuid:conversation_id>/earlier/", talks.earlier, name="conversation-earlier"),
    path("inbox/<uuid:conversation_id>/news/", talks.news, name="conversation-news"),
    path(
        "inbox/<uuid:conversation_id>/messages/<uuid:activity_id>/",
        written.message,
        name="conversation-message",
    ),
    path(
        "inbox/<uuid:conversation_id>/messages/<uuid:activity_id>/written/",
        written.body,
        name="conversation-written",
    ),
    path(
        "inbox/<uuid:conversation_id>/messages/<uuid:activity_id>/pictures/",
        written.pictures,
        name="conversation-pictures",
    ),
    path(
        "inbox/<uuid:conversation_id>/messages/<uuid:activity_id>/pictures/<int:number>/",
        written.picture,
        name="conversation-picture",
    ),
    path("inbox/<uuid:conversation_id>/replies/", verbs.replies, name="conversation-replies"),
    path("inbox/<uuid:conversation_id>/uploads/", attaching.uploads, name="conversation-uploads"),
    path("inbox/<uuid:conversation_id>/notes/", verbs.notes, name="conversation-notes"),
    path("inbox/<uuid:conversation_id>/promises/", verbs.promises, name="conversation-promises"),
    path("inbox/<uuid:conversation_id>/assignment/", verbs.assignment, name="conversation-assignment"),
    path("inbox/<uuid:conversation_id>/closure/", verbs.closure, name="conversation-closure"),
    path("inbox/<uuid:conversation_id>/reopening/", verbs.reopening, name="conversation-reopening"),
    path("inbox/<uuid:conversation_id>/snooze/", verbs.snoozing, name="conversation-snooze"),
]
