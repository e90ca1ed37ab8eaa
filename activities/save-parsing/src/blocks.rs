//! The text in blocks of 64 bytes, each as bit masks: where braces stand, and what is neither in a string nor a comment.
//!
//! A string runs from a quote to the next one that no backslash precedes, a comment from `#` to the end of its line. Nothing
//! else of the format is needed to follow braces, so whole sections are passed at several bytes per cycle.

/// Bit `n` speaks of the byte at `base + n`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Block {
    pub(crate) base: usize,
    /// `{`, outside of strings and comments.
    pub(crate) open: u64,
    /// `}`, outside of strings and comments.
    pub(crate) close: u64,
    /// `=`, `<` and `>`, outside of strings and comments; only where asked for.
    pub(crate) operators: u64,
}

/// Bits of the bytes that are of interest.
#[derive(Default)]
struct Classes {
    quote: u64,
    open: u64,
    close: u64,
    /// A backslash or the start of a comment: seldom enough for a slow way.
    rare: u64,
    operators: u64,
}

/// Goes through a text from an offset that is outside of strings and comments.
pub(crate) struct Blocks<'t, const OPERATORS: bool> {
    text: &'t [u8],
    at: usize,
    in_string: bool,
    escaped: bool,
    in_comment: bool,
}

impl<'t, const OPERATORS: bool> Blocks<'t, OPERATORS> {
    pub(crate) fn new(text: &'t [u8], at: usize) -> Self {
        Self { text, at, in_string: false, escaped: false, in_comment: false }
    }

    /// Whether the text ended within a string.
    pub(crate) fn in_string(&self) -> bool {
        self.in_string
    }

    #[inline]
    pub(crate) fn next(&mut self) -> Option<Block> {
        let rest = self.text.get(self.at..)?;
        let base = self.at;
        let mut padded = [b' '; 64];
        let bytes: &[u8; 64] = match rest.first_chunk::<64>() {
            Some(bytes) => bytes,
            None if rest.is_empty() => return None,
            None => {
                padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                &padded
            }
        };
        self.at = base + 64;
        let classes = classify::<OPERATORS>(bytes);
        if classes.rare != 0 || self.escaped || self.in_comment {
            return Some(self.slowly(base, bytes));
        }
        let inside = prefix_xor(classes.quote) ^ (if self.in_string { u64::MAX } else { 0 });
        self.in_string = inside >> 63 != 0;
        Some(Block {
            base,
            open: classes.open & !inside,
            close: classes.close & !inside,
            operators: classes.operators & !inside,
        })
    }

    #[cold]
    fn slowly(&mut self, base: usize, bytes: &[u8; 64]) -> Block {
        let mut block = Block { base, ..Block::default() };
        for (at, byte) in bytes.iter().enumerate() {
            let bit = 1u64 << at;
            if self.in_comment {
                self.in_comment = *byte != b'\n';
            } else if self.in_string {
                if self.escaped {
                    self.escaped = false;
                } else {
                    self.escaped = *byte == b'\\';
                    self.in_string = *byte != b'"';
                }
            } else {
                match byte {
                    b'"' => self.in_string = true,
                    b'#' => self.in_comment = true,
                    b'{' => block.open |= bit,
                    b'}' => block.close |= bit,
                    b'=' | b'<' | b'>' if OPERATORS => block.operators |= bit,
                    _ => {}
                }
            }
        }
        block
    }
}

/// Bit `n` is the parity of the bits up to and with `n`: set from each opening quote to before its closing one.
#[inline]
fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[expect(
    unsafe_code,
    reason = "the compiler asks for it though every x86-64 has these instructions; no memory is touched"
)]
fn classify<const OPERATORS: bool>(bytes: &[u8; 64]) -> Classes {
    // SAFETY: SSE2 is part of x86-64, and the function only computes on its argument.
    unsafe { sse2::classify::<OPERATORS>(bytes) }
}

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{__m128i, _mm_cmpeq_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8};

    use super::Classes;

    #[inline]
    #[target_feature(enable = "sse2")]
    fn is(chunk: __m128i, byte: u8) -> __m128i {
        _mm_cmpeq_epi8(chunk, _mm_set1_epi8(byte.cast_signed()))
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn bits(mask: __m128i) -> u64 {
        u64::from(_mm_movemask_epi8(mask).cast_unsigned())
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    pub(super) fn classify<const OPERATORS: bool>(bytes: &[u8; 64]) -> Classes {
        let mut classes = Classes::default();
        let (chunks, _) = bytes.as_chunks::<16>();
        for (at, chunk) in chunks.iter().enumerate() {
            let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *chunk;
            // The two halves become one load.
            let low = i64::from_le_bytes([a, b, c, d, e, f, g, h]);
            let chunk = _mm_set_epi64x(i64::from_le_bytes([i, j, k, l, m, n, o, p]), low);
            let shift = at * 16;
            classes.quote |= bits(is(chunk, b'"')) << shift;
            classes.open |= bits(is(chunk, b'{')) << shift;
            classes.close |= bits(is(chunk, b'}')) << shift;
            classes.rare |= bits(_mm_or_si128(is(chunk, b'\\'), is(chunk, b'#'))) << shift;
            if OPERATORS {
                let angles = _mm_or_si128(is(chunk, b'<'), is(chunk, b'>'));
                classes.operators |= bits(_mm_or_si128(is(chunk, b'='), angles)) << shift;
            }
        }
        classes
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn classify<const OPERATORS: bool>(bytes: &[u8; 64]) -> Classes {
    let mut classes = Classes::default();
    for (at, byte) in bytes.iter().enumerate() {
        let is = |wanted: bool| u64::from(wanted) << at;
        classes.quote |= is(*byte == b'"');
        classes.open |= is(*byte == b'{');
        classes.close |= is(*byte == b'}');
        classes.rare |= is(matches!(byte, b'\\' | b'#'));
        if OPERATORS {
            classes.operators |= is(matches!(byte, b'=' | b'<' | b'>'));
        }
    }
    classes
}

/// How a container ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// At this offset stands its closing brace.
    Closed(usize),
    /// Nowhere.
    Unclosed {
        /// Because a string began that never ends.
        in_string: bool,
    },
}

/// What was found on the way through a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passed {
    pub(crate) end: End,
    /// Where the depth passed its cap, if it did.
    pub(crate) too_deep: Option<usize>,
}

/// Passes a container whose content begins at `start`, itself at `depth` levels.
pub(crate) fn pass_container(text: &[u8], start: usize, depth: u32, cap: u32) -> Passed {
    let mut blocks = Blocks::<false>::new(text, start);
    let cap = u64::from(cap);
    let outer = u64::from(depth).saturating_sub(1);
    let mut depth = 1u64;
    let mut too_deep = None;
    while let Some(block) = blocks.next() {
        let (opened, closed) = (u64::from(block.open.count_ones()), u64::from(block.close.count_ones()));
        if closed < depth && (outer + depth + opened <= cap || too_deep.is_some()) {
            depth = depth + opened - closed;
            continue;
        }
        let mut braces = block.open | block.close;
        while braces != 0 {
            let bit = braces & braces.wrapping_neg();
            let offset = block.base + braces.trailing_zeros() as usize;
            braces ^= bit;
            if block.open & bit != 0 {
                depth += 1;
                if outer + depth > cap && too_deep.is_none() {
                    too_deep = Some(offset);
                }
            } else {
                depth -= 1;
                if depth == 0 {
                    return Passed { end: End::Closed(offset), too_deep };
                }
            }
        }
    }
    Passed { end: End::Unclosed { in_string: blocks.in_string() }, too_deep }
}
