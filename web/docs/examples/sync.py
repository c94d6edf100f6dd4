"""Copies program progress into a SQLite file, and keeps the copy current.

usage: sync.py FILE        environment: MATRICULA, CLIENT_ID, CLIENT_SECRET

The first run reads everything. Later runs read what changed since the run before, and notice what was deleted.
"""

import json
import os
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

BASE = os.environ["MATRICULA"] + "/api/public/api/v1"

# Read again what changed shortly before the last run: clocks differ, and an import takes a while.
OVERLAP = timedelta(hours=1)

COLUMNS = [
    "userId", "programKey", "userEmail", "userFirstName", "userLastName", "programTitle", "programType",
    "enrollmentStatus", "onTrackStatus", "enrolledAt", "unenrolledAt", "completedAt", "graduatedAt",
    "lastActiveAt", "learnerHours", "completionPercentage", "projectsRequiredTotal",
    "projectsRequiredCompleted", "learningPlanId", "updatedAt",
]

PAGE = """
query Page($filter: ProgramProgressFilter, $after: String) {
  programProgress(input: {
    filter: $filter, orderBy: UPDATED_AT, order: ASC, first: 1000, after: $after
  }) {
    edges { node { %s } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
COUNT = "{ programProgress { totalCount } }"
TOKEN = "mutation Token($input: GenerateTokenInput!) { generateToken(input: $input) { unredactedToken } }"


class Client:
    """Sends requests; gets tokens by itself and waits when the server says so."""

    def __init__(self):
        self.token = None

    def ask(self, query, variables=None):
        renewed = False
        while True:
            if self.token is None:
                self.token = self.new_token()
            try:
                answer = self.send("program-progress", query, variables, self.token)
                return answer["programProgress"]
            except urllib.error.HTTPError as error:
                if error.code != 401 or renewed:
                    raise
                # A token lives an hour; a long first run needs the next one on its way.
                self.token, renewed = None, True

    def new_token(self):
        credential = {"clientId": os.environ["CLIENT_ID"], "clientSecret": os.environ["CLIENT_SECRET"]}
        return self.send("tokens", TOKEN, {"input": credential})["generateToken"]["unredactedToken"]

    def send(self, endpoint, query, variables=None, token=None, attempts=5):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Token {token}"
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{BASE}/{endpoint}/graphql", body, headers)
        for attempt in range(1, attempts + 1):
            try:
                with urllib.request.urlopen(request, timeout=30) as response:
                    answer = json.load(response)
                if answer.get("errors"):
                    raise RuntimeError(answer["errors"][0]["message"])
                return answer["data"]
            except urllib.error.HTTPError as error:
                if error.code not in (429, 503) or attempt == attempts:
                    raise
                time.sleep(int(error.headers.get("Retry-After", 1)))


def pages(client, row_filter, columns):
    """Yields the rows of each page, oldest change first."""
    query, after = PAGE % " ".join(columns), None
    while True:
        connection = client.ask(query, {"filter": row_filter, "after": after})
        yield [edge["node"] for edge in connection["edges"]]
        if not connection["pageInfo"]["hasNextPage"]:
            return
        after = connection["pageInfo"]["endCursor"]


def read_changes(client, copy, since, until):
    """Takes over every row that changed in since <= updatedAt < until, and says how many."""
    changed = {"to": until.isoformat()}
    if since:
        changed["from"] = (since - OVERLAP).isoformat()
    marks = ", ".join(f":{column}" for column in COLUMNS)
    read = 0
    for rows in pages(client, {"updatedAt": changed}, COLUMNS):
        copy.executemany(f"INSERT OR REPLACE INTO progress VALUES ({marks})", rows)
        read += len(rows)
    return read


def drop_deleted(client, copy):
    """Removes what the server no longer has, and says how many rows those were."""
    there = set()
    for rows in pages(client, None, ["userId", "programKey"]):
        there.update((row["userId"], row["programKey"]) for row in rows)
    ours = copy.execute("SELECT userId, programKey FROM progress").fetchall()
    gone = [key for key in ours if key not in there]
    copy.executemany("DELETE FROM progress WHERE userId = ? AND programKey = ?", gone)
    return len(gone)


def main(path):
    client, copy = Client(), sqlite3.connect(path)
    copy.execute(
        f"CREATE TABLE IF NOT EXISTS progress ({', '.join(COLUMNS)}, PRIMARY KEY (userId, programKey))")
    copy.execute("CREATE TABLE IF NOT EXISTS runs (until TEXT NOT NULL)")

    last = copy.execute("SELECT max(until) FROM runs").fetchone()[0]
    until = datetime.now(timezone.utc)
    read = read_changes(client, copy, datetime.fromisoformat(last) if last else None, until)
    print(f"read {read} rows", file=sys.stderr)

    # The counts are exact: they differ where something was deleted. Only then is it worth reading all keys.
    deleted = 0
    if copy.execute("SELECT count(*) FROM progress").fetchone()[0] != client.ask(COUNT)["totalCount"]:
        deleted = drop_deleted(client, copy)

    # One transaction: a run that fails leaves the copy as it was, and the next one begins where this one did.
    copy.execute("INSERT INTO runs VALUES (?)", (until.isoformat(),))
    copy.commit()
    rows = copy.execute("SELECT count(*) FROM progress").fetchone()[0]
    print(f"the copy has {rows} rows; {deleted} deleted")


if __name__ == "__main__":
    main(sys.argv[1])
