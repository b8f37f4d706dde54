#!/usr/bin/env python3
"""Calculates what several instances of the portal need of PostgreSQL, and which part reaches its end first.

Figures were measured where a source is named; the others are assumptions that you can change here.
"""

import argparse

# docs/operations.md: 489 entries take 1.2 MiB in portal.db and 0.5 MiB in index.db.
BYTES_PER_ENTRY = 2_560
INDEX_BYTES_PER_ENTRY = 1_280
# Assumed: PostgreSQL keeps a row header of 24 bytes for each of three rows, and indexes that are half full after a while.
POSTGRES_FACTOR = 1.8
# Assumed: a commit waits for the disk. 1 ms is a good NVMe disk with a battery or power-loss protection, 5 ms a cloud volume.
COMMIT_MS = 5.0
# Assumed: all instances append one after the other, under one lock; group commit puts those of one instance together.
ENTRIES_PER_COMMIT = 4
# docs/several-instances.md: one renewal every five seconds for each instance, a transaction of its own under the lock.
RENEWALS_PER_SECOND = 1 / 5
# Workato's documented limits of all classes that the portal uses in the background and for pages: calls a minute per workspace.
CALLS_PER_TEAM_PER_MINUTE = 60 + 60 + 60 + 60 + 60
# Assumed: counting a call is a transaction of four statements that does not wait for the disk.
COUNT_MS = 1.5
# crates/store: one writer, up to eight readers and one connection that asks for the version.
CONNECTIONS_PER_INSTANCE = 10
# Assumed: a page asks for the version, the session and what it shows.
QUERIES_PER_PAGE = 8
PAGES_PER_PERSON_PER_MINUTE = 4
# docs/operations.md: 30 people with 9 entries a day each.
ENTRIES_PER_PERSON_PER_DAY = 9
# Reading entries back to fill a fresh index.
INDEX_ENTRIES_PER_SECOND = 10_000


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=int, default=2)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--teams", type=int, default=10)
    parser.add_argument("--commit-ms", type=float, default=COMMIT_MS)
    given = parser.parse_args()

    connections = given.instances * CONNECTIONS_PER_INSTANCE
    disk = given.entries * BYTES_PER_ENTRY * POSTGRES_FACTOR / 1e9
    index = given.entries * INDEX_BYTES_PER_ENTRY / 1e9
    fill = given.entries / INDEX_ENTRIES_PER_SECOND / 60
    # People work eight hours, and the busiest minute has five times the average.
    entries = given.people * ENTRIES_PER_PERSON_PER_DAY / (8 * 3600) * 5
    calls = given.teams * CALLS_PER_TEAM_PER_MINUTE / 60
    pages = given.people * PAGES_PER_PERSON_PER_MINUTE / 60
    lock = {
        "entries": entries / ENTRIES_PER_COMMIT * given.commit_ms / 1000,
        "leases": given.instances * RENEWALS_PER_SECOND * given.commit_ms / 1000,
        "calls to Workato": calls * COUNT_MS / 1000,
    }
    most_calls = (1 - lock["entries"] - lock["leases"]) / (COUNT_MS / 1000)
    most_instances = (1 - lock["entries"] - lock["calls to Workato"]) / (RENEWALS_PER_SECOND * given.commit_ms / 1000)

    def line(what, value, why=""):
        print(f"{what:<46}{value:>14}   {why}")

    print(f"{given.instances} instances, {given.entries:,} entries, {given.people:,} people, {given.teams} teams\n")
    line("connections to PostgreSQL", f"{connections:,}", "max_connections, plus a few; above 500 use PgBouncer in session mode")
    line("database", f"{disk:,.0f} GB", "log and its indexes")
    line("search index of each instance", f"{index:,.0f} GB", f"{index * given.instances:,.0f} GB in all")
    line("a fresh instance has its index after", f"{fill:,.0f} min", "search says until then how far it is")
    line("pages in the busiest minute", f"{pages:,.0f}/s", f"{pages * QUERIES_PER_PAGE:,.0f} queries a second")
    line("entries in the busiest minute", f"{entries:,.1f}/s")
    line("calls to Workato at its limits", f"{calls:,.0f}/s", "each is counted under the lock")
    print("\nthe write lock is held for")
    for what, share in lock.items():
        line(f"  {what}", f"{share:.1%}", "of the time")
    line("  in all", f"{sum(lock.values()):.1%}")
    print("\nthe next walls")
    line("  teams that call Workato at its limits", f"{most_calls / (CALLS_PER_TEAM_PER_MINUTE / 60):,.0f}", "then count each workspace under a lock of its own")
    line("  instances", f"{most_instances:,.0f}", "then renew leases less often, or outside the log's lock")
    if fill > 60:
        line("  a fresh index", f"{fill / 60:,.1f} h", "copy index.db of another instance before the start")


if __name__ == "__main__":
    main()
