// Writes hash-vectors.ndjson with Node's own crypto, as an oracle that shares no code with the Rust side:
//   node make-hash-vectors.mjs > hash-vectors.ndjson
// A line is [fields, hash]: five fields for an entity, three for an edge. A field that UTF-8 cannot hold (a lone
// surrogate) is written as its UTF-16 units.
import { createHash } from 'node:crypto';

let state = 0x2545f491;
function random(below) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}
const pick = (list) => list[random(list.length)];
const hash = (fields) => createHash('sha256').update(fields.join('\0'), 'utf8').digest('hex').slice(0, 16);
const wellFormed = (text) => text.isWellFormed();
const written = (text) => (wellFormed(text) ? text : Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)));

const odd = ['', '\0', 'a\0b', '😀', '👩‍👩‍👧', 'é', 'e\u0301', '\ud800', '\udc00x', 'x\ud83d', '\ud83dx\ude00', '\u2028', '"\\', '\t\r\n', ' a '];
const words = ['src', 'lib', 'index.ts', 'a.py', 'Größe', '日本', 'foo', 'Bar', 'function', 'method', 'class', 'x', 'main'];
const text = () => (random(8) === 0 ? pick(odd) : Array.from({ length: 1 + random(2) }, () => pick(words)).join(pick(['/', '.', ' ', ''])));

const rows = [
  ['', '', '', '', ''],
  ['r', 'f', 'k', 'n', ''],
  ['a', 'b\0c', 'd', 'e', 'f'],
  ['a\0b', 'c', 'd', 'e', 'f'],
];
while (rows.length < 10000) rows.push(Array.from({ length: random(3) === 0 ? 3 : 5 }, text));
console.log(rows.map((fields) => JSON.stringify([fields.map(written), hash(fields)])).join('\n'));
