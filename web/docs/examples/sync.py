"""Copies a company's learning data into a SQLite file, and keeps the copy current.

usage: sync.py FILE        environment: MATRICULA, CLIENT_ID, CLIENT_SECRET

The first run reads everything. Later runs read what changed since the run before, deletes included.
"""

import base64
import json
import os
import re
import sqlite3
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

BASE = os.environ["MATRICULA"]

# What to copy. The tables are those of /data/v1/tables.
TABLES = ["users", "programs", "program_progress"]

# What people query: progress with the names and titles that the API shows.
VIEW = """
CREATE VIEW IF NOT EXISTS progress AS
SELECT p.*, u.email AS userEmail, u.firstName AS userFirstName, u.lastName AS userLastName,
  (SELECT t.title FROM programs t WHERE t.key = p.programKey ORDER BY t.locale <> 'en-us', t.locale LIMIT 1)
    AS programTitle
FROM program_progress p JOIN users u ON u.id = p.userId
"""


def get(address, attempts=5):
    """Opens an address of the API; waits when the server says so."""
    pair = f"{os.environ['CLIENT_ID']}:{os.environ['CLIENT_SECRET']}".encode()
    headers = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
    request = urllib.request.Request(urllib.parse.urljoin(BASE, address), headers=headers)
    for attempt in range(1, attempts + 1):
        try:
            return urllib.request.urlopen(request, timeout=120)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503) or attempt == attempts:
                raise
            time.sleep(int(error.headers.get("Retry-After", 1)))


def make_tables(copy):
    """Makes the tables of the copy as the schemas say, and gives the columns and the key of each."""
    shapes = {}
    keys = {table["name"]: table["key"] for table in json.load(get("/data/v1/tables"))["tables"]}
    for table in TABLES:
        columns = list(json.load(get(f"/data/v1/tables/{table}/schema"))["properties"])
        shapes[table] = columns, keys[table]
        copy.execute(f'CREATE TABLE IF NOT EXISTS "{table}" ({", ".join(columns)}, PRIMARY KEY ({", ".join(keys[table])}))')
    copy.execute(VIEW)
    copy.execute("CREATE TABLE IF NOT EXISTS position (next TEXT NOT NULL)")
    return shapes


def take(copy, shapes, change):
    """Applies one line of the feed; says whether it was a delete."""
    table = change["_table"]
    columns, key = shapes[table]
    if change.get("_delete"):
        condition = " AND ".join(f"{column} = :{column}" for column in key)
        copy.execute(f'DELETE FROM "{table}" WHERE {condition}', change)
        return True
    # A null is left out of a line; lists are kept as JSON.
    row = [change.get(column) for column in columns]
    row = [json.dumps(value) if isinstance(value, (list, dict)) else value for value in row]
    copy.execute(f'INSERT OR REPLACE INTO "{table}" VALUES ({", ".join("?" * len(row))})', row)
    return False


def follow(copy, shapes, address):
    """Reads the feed to its end; gives where to go on next time, and how many rows were deleted."""
    deleted = 0
    while True:
        with get(address) as page:
            deleted += sum(take(copy, shapes, json.loads(line)) for line in page)
            address = re.match(r'<(.*?)>; rel="next"', page.headers["Link"])[1]
            if page.headers["Matricula-Has-More"] == "false":
                return address, deleted


def main(path):
    copy = sqlite3.connect(path)
    shapes = make_tables(copy)
    start = f"/data/v1/changes?tables={','.join(TABLES)}"
    last = copy.execute("SELECT next FROM position").fetchone()
    try:
        address, deleted = follow(copy, shapes, last[0] if last else start)
    except urllib.error.HTTPError as error:
        if error.code != 410:
            raise
        # The server was restored, or we were away for longer than it remembers deletes: read everything again.
        print(json.load(error)["errors"][0]["message"], file=sys.stderr)
        copy.rollback()
        for table in TABLES:
            copy.execute(f'DELETE FROM "{table}"')
        address, deleted = follow(copy, shapes, start)

    # One transaction: a run that fails leaves the copy as it was, and the next one begins where this one did.
    copy.execute("DELETE FROM position")
    copy.execute("INSERT INTO position VALUES (?)", [address])
    copy.commit()
    rows = copy.execute("SELECT count(*) FROM program_progress").fetchone()[0]
    print(f"the copy has {rows} rows; {deleted} deleted")


if __name__ == "__main__":
    main(sys.argv[1])
