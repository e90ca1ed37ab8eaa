//! The same mutations each time.

/// A xorshift generator: the sequence is part of the test.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap_or_default()
    }
}

/// What breaks parsers: brackets, quotes, escapes, halves of characters, numbers at their ends, names that mean something.
const PIECES: [&[u8]; 26] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b",",
    b":",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"\\u0000",
    b"-0",
    b"1e999",
    b"9223372036854775808",
    b"null",
    b"[[[[[[[[[[[[[[[[",
    b"{\"\":{\"\":{\"\":",
    b"\"session_id\":",
    b"\"metadata\":",
    b"%",
    b"&",
];

/// Inputs made of the seeds, each by one to four changes.
pub(crate) fn mutations(seeds: &[Vec<u8>], rounds: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    (0..rounds).map(move |_| {
        let mut input = seeds[numbers.below(seeds.len())].clone();
        for _ in 0..=numbers.below(4) {
            change(&mut input, seeds, &mut numbers);
        }
        input.truncate(64 * 1024);
        input
    })
}

fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], numbers: &mut Numbers) {
    let at = numbers.below(input.len() + 1);
    let length = numbers.below(12).min(input.len() - at);
    match numbers.below(7) {
        0 if at < input.len() => input[at] ^= 1 << numbers.below(8),
        1 if at < input.len() => input[at] = u8::try_from(numbers.below(256)).unwrap_or_default(),
        2 => drop(input.drain(at..at + length)),
        3 => input.truncate(at),
        4 => {
            let again = input[at..at + length].repeat(1 + numbers.below(40));
            drop(input.splice(at..at, again));
        }
        5 => {
            let other = &seeds[numbers.below(seeds.len())];
            let from = numbers.below(other.len() + 1);
            let to = (from + numbers.below(60)).min(other.len());
            drop(input.splice(at..at + length, other[from..to].to_vec()));
        }
        _ => drop(input.splice(at..at, PIECES[numbers.below(PIECES.len())].to_vec())),
    }
}
