"""Drives the stand-in with python-arango. Arguments: folder of the driver, address."""

import sys

sys.path.insert(0, sys.argv[1])

from arango import ArangoClient  # noqa: E402
from arango.exceptions import (  # noqa: E402
    AQLQueryExecuteError,
    DatabaseCreateError,
    DocumentInsertError,
    DocumentRevisionError,
    ServerConnectionError,
)


def fails(kind, code, call, *arguments, **options):
    """The error that a call raises; it has to be of this kind and number."""
    try:
        call(*arguments, **options)
    except kind as error:
        assert code is None or error.error_code == code, error
        return error
    raise AssertionError(f"no {kind.__name__}")


client = ArangoClient(hosts=sys.argv[2])
fails(ServerConnectionError, None, client.db, "_system", username="root", password="wrong", verify=True)
for method in ["basic", "jwt"]:
    system = client.db("_system", username="root", password="s3cret", auth_method=method, verify=True)
    assert system.version() == "3.12.10"

assert not system.has_database("graph")
assert system.create_database("graph")
fails(DatabaseCreateError, 1207, system.create_database, "graph")
database = client.db("graph", username="root", password="s3cret", auth_method="jwt")
assert not database.has_collection("functions")
functions = database.create_collection("functions")
calls = database.create_collection("calls", edge=True)
assert database.has_collection("functions")
index = {"type": "persistent", "fields": ["gantry.file"]}
assert functions.add_index(index, formatter=True)["new"]
assert not functions.add_index(index, formatter=True)["new"]

names = [{"_key": f"k{n}", "name": f"f{n}", "nested": {"a": 1}} for n in range(7)]
assert functions.import_bulk(names)["created"] == 7
fails(DocumentInsertError, 1210, functions.import_bulk, names)
counts = functions.import_bulk(names, halt_on_error=False, details=True)
assert (counts["errors"], len(counts["details"])) == (7, 7), counts
assert functions.import_bulk(names, on_duplicate="replace")["updated"] == 7
assert functions.import_bulk(names, on_duplicate="ignore")["ignored"] == 7
ends = [{"_from": "k0", "_to": "k1"}]
assert calls.import_bulk(ends, from_prefix="functions", to_prefix="functions")["created"] == 1

saved = functions.insert_many([{"_key": "k0"}, {"_key": "new"}, {"_key": "no key"}])
assert saved[0].error_code == 1210 and saved[1]["_id"] == "functions/new" and saved[2].error_code == 1221
merged = functions.insert_many([{"_key": "k0", "nested": {"b": None}}], overwrite_mode="update", return_new=True)
assert merged[0]["new"]["nested"] == {"a": 1, "b": None} and merged[0]["_old_rev"], merged
assert [one["_key"] for one in functions.get_many(["k1", "nobody", "k0"])] == ["k1", "k0"]
assert functions.has("k1") and not functions.has("nobody") and functions.get("nobody") is None
fails(DocumentRevisionError, 1200, functions.replace, {"_key": "k0", "_rev": "_0"}, check_rev=True)
removed = functions.delete_many(["new", "nobody"])
assert removed[1].error_code == 1202, removed

page = "FOR d IN @@collection FILTER d._key > @after SORT d._key LIMIT @limit RETURN d"
bind = {"@collection": "functions", "after": "", "limit": 100}
cursor = database.aql.execute(page, bind_vars=bind, batch_size=3, count=True)
assert cursor.count() == 7 and len(list(cursor)) == 7
fails(AQLQueryExecuteError, 1501, database.aql.execute, "RETURN 1")

assert functions.count() == 7
assert functions.truncate()
assert functions.count() == 0
assert database.delete_collection("calls")
assert system.delete_database("graph")
print("python-arango noticed nothing")
