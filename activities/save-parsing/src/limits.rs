//! How much a save may ask of the machine.

/// Bounds that hold before and while a save is read.
///
/// A real save inflates to 10 to 20 times its size, to 20 to 60 MB, and is at most 19 levels deep.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of the file itself.
    pub file_bytes: u64,
    /// Bytes of the text, inflated.
    pub text_bytes: u64,
    /// How many times its packed size a text may be; asked only of texts above [`Limits::ratio_from`].
    pub ratio: u64,
    /// Bytes from which on the ratio counts: small texts may repeat themselves.
    pub ratio_from: u64,
    /// Levels of braces.
    pub depth: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 1 << 30, text_bytes: 2 << 30, ratio: 200, ratio_from: 16 << 20, depth: 1024 }
    }
}
