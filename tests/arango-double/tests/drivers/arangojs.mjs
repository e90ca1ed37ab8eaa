// Drives the stand-in with arangojs. Arguments: folder of the driver's modules, address.
import assert from "node:assert/strict";

const [, , modules, url] = process.argv;
const { Database } = await import(`${modules}/index.js`);
const { ArangoError } = await import(`${modules}/errors.js`);

const system = new Database({ url });
await assert.rejects(system.version(), (error) => error instanceof ArangoError && error.code === 401);
await system.login("root", "s3cret");
assert.equal((await system.version()).server, "arango");
assert.equal(await system.database("graph").exists(), false);
const database = await system.createDatabase("graph");
await assert.rejects(system.createDatabase("graph"), (error) => error.errorNum === 1207);
assert.ok((await system.listDatabases()).includes("graph"));

const functions = database.collection("functions");
assert.equal(await functions.exists(), false);
await functions.create();
const calls = await database.createEdgeCollection("calls");
const index = { type: "persistent", fields: ["gantry.file"] };
assert.equal((await functions.ensureIndex(index)).isNewlyCreated, true);
assert.equal((await functions.ensureIndex(index)).isNewlyCreated, false);
assert.equal((await functions.indexes()).length, 2);

const names = Array.from({ length: 7 }, (_, n) => ({ _key: `k${n}`, name: `f${n}`, nested: { a: 1 } }));
assert.deepEqual(await functions.import(names), {
  error: false, created: 7, errors: 0, empty: 0, updated: 0, ignored: 0,
});
const again = await functions.import(names, { onDuplicate: "error", details: true });
assert.equal(again.errors, 7);
assert.match(again.details[0], /^at position 0: creating document failed with error 'unique constraint violated'/);
assert.equal((await functions.import(names, { onDuplicate: "update" })).updated, 7);
assert.equal((await functions.import(names, { onDuplicate: "ignore" })).ignored, 7);
assert.equal((await functions.import([["_key", "name"], ["row", "r"]], { type: undefined })).created, 1);
await assert.rejects(
  functions.import(names, { complete: true }),
  (error) => error instanceof ArangoError && error.code === 409 && error.errorNum === 1210,
);
const ends = await calls.import([{ _from: "k0", _to: "k1" }], { fromPrefix: "functions", toPrefix: "functions" });
assert.equal(ends.created, 1);

const saved = await functions.saveAll([{ _key: "k0" }, { _key: "new" }, { _key: "no key" }]);
assert.deepEqual(saved.map((one) => one.errorNum), [1210, undefined, 1221]);
const merged = await functions.saveAll([{ _key: "k0", nested: { b: null } }], {
  overwriteMode: "update", returnNew: true, returnOld: true,
});
assert.deepEqual(merged[0].new.nested, { a: 1, b: null });
assert.notEqual(merged[0]._oldRev, merged[0]._rev);
const replaced = await functions.replaceAll([{ _key: "k0", _rev: "_0" }], { ignoreRevs: false });
assert.equal(replaced[0].errorNum, 1200);
const read = await functions.documents(["k1", "nobody", "k0"]);
assert.deepEqual(read.map((one) => one._key ?? one.errorNum), ["k1", 1202, "k0"]);
assert.equal((await functions.document("k1"))._id, "functions/k1");
assert.equal(await functions.documentExists("nobody"), false);
await assert.rejects(functions.document("nobody"), (error) => error.errorNum === 1202 && error.code === 404);
const removed = await functions.removeAll(["new", "nobody"]);
assert.equal(removed[1].errorNum, 1202);

const cursor = await database.query(
  "FOR d IN @@collection FILTER d._key > @after SORT d._key LIMIT @limit RETURN d",
  { "@collection": "functions", after: "", limit: 100 },
  { batchSize: 3, count: true },
);
assert.equal(cursor.count, 8);
assert.equal((await cursor.all()).length, 8);
await assert.rejects(database.query("RETURN 1"), (error) => error instanceof ArangoError && error.errorNum === 1501);

assert.equal((await functions.count()).count, 8);
await functions.truncate();
assert.equal((await functions.count()).count, 0);
await calls.drop();
assert.deepEqual((await database.collections()).map((c) => c.name), ["functions"]);
await system.dropDatabase("graph");
assert.equal(await database.exists(), false);
console.log("arangojs noticed nothing");
