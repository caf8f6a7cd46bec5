"""What the site keeps, the tables of libraries, and the folders that no package owns."""

from __future__ import annotations

from amity.kernel.register import Fate, Holds, folder, table

table(
    "site_savedview", Fate.REMOVED, "id screen position is_shared",
    name=Holds.MAYBE, query=Holds.MAYBE, owner_id=Holds.COLLEAGUE,
)  # fmt: skip
table("site_presence", Fate.REMOVED, "id state seen_at", subject_id=Holds.LINK, staff_id=Holds.COLLEAGUE)
table("site_preference", Fate.COLLEAGUES, "single_keys", staff_id=Holds.COLLEAGUE)
table("site_signinattempt", Fate.EXPIRES, "id at", account=Holds.COLLEAGUE, address=Holds.COLLEAGUE)
table(
    "site_accountlink", Fate.COLLEAGUES, "id purpose secret_hash bound_to was_mailed made_at expires_at used_at",
    email=Holds.COLLEAGUE, details=Holds.COLLEAGUE, made_by_id=Holds.COLLEAGUE, staff_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "site_singlesignon", Fate.KEPT,
    "id name issuer client_id sealed_secret domains role_for_new is_on changed_at",
)  # fmt: skip

# Tables of libraries.
table(
    "account_emailaddress", Fate.COLLEAGUES, "id verified primary",
    email=Holds.COLLEAGUE, user_id=Holds.COLLEAGUE,
)  # fmt: skip
table("account_emailconfirmation", Fate.COLLEAGUES, "id created sent key email_address_id")
table("auth_group", Fate.KEPT, "id name")
table("auth_group_permissions", Fate.KEPT, "id group_id permission_id")
table("auth_permission", Fate.KEPT, "id name content_type_id codename")
table("django_content_type", Fate.KEPT, "id app_label model")
table("django_migrations", Fate.KEPT, "id app name applied")
table("django_session", Fate.REMOVED, "session_key expire_date", session_data=Holds.MAYBE)
table("mfa_authenticator", Fate.COLLEAGUES, "id type data created_at last_used_at", user_id=Holds.COLLEAGUE)
table("procrastinate_events", Fate.EXPIRES, "id job_id type at")
table(
    "procrastinate_jobs", Fate.EXPIRES,
    "id queue_name task_name status scheduled_at attempts priority abort_requested worker_id",
    args=Holds.LINK, lock=Holds.LINK, queueing_lock=Holds.LINK,
)  # fmt: skip
table("procrastinate_periodic_defers", Fate.KEPT, "id task_name defer_timestamp job_id periodic_id")
table("procrastinate_workers", Fate.KEPT, "id last_heartbeat")
table(
    "socialaccount_socialaccount", Fate.COLLEAGUES, "id provider last_login date_joined",
    uid=Holds.COLLEAGUE, extra_data=Holds.COLLEAGUE, user_id=Holds.COLLEAGUE,
)  # fmt: skip
table("socialaccount_socialapp", Fate.KEPT, "id provider name client_id secret key provider_id settings")
table("socialaccount_socialtoken", Fate.COLLEAGUES, "id token token_secret expires_at account_id app_id")
table(
    "usersessions_usersession", Fate.COLLEAGUES, "id created_at session_key data",
    ip=Holds.COLLEAGUE, last_seen_at=Holds.COLLEAGUE, user_agent=Holds.COLLEAGUE, user_id=Holds.COLLEAGUE,
)  # fmt: skip

folder("postgres/data/", Fate.EXPIRES, pages_and_log_of_the_database=Holds.WORDS)
folder("postgres/log/", Fate.KEPT)
folder("backups/", Fate.EXPIRES, all_of_the_above_as_it_was=Holds.WORDS)
