"""Fills Django's database with the rows in a folder, and prints the cookie of an admin's session."""

import json
import os
import sys

folder = sys.argv[1]
os.environ["BENCH_ROWS"] = folder

import site_of_rows  # noqa: E402, F401  sets Django up

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from rows.models import CELLS, Connection, Item  # noqa: E402

call_command("migrate", verbosity=0)
with connection.schema_editor() as editor:
    editor.create_model(Connection)
    editor.create_model(Item)
with open(f"{folder}/rows.json", encoding="utf-8") as file:
    rows = json.load(file)
Connection.objects.bulk_create(Connection(**dict(zip(CELLS, row))) for row in rows["connections"])
Item.objects.bulk_create(Item(key=key, name=name) for key, name in rows["thousand"])

admin = get_user_model().objects.create_superuser("admin", password="only for a measurement")
session = SessionStore()
session[SESSION_KEY] = str(admin.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = admin.get_session_auth_hash()
session.create()
print(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
