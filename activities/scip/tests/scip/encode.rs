//! Writes the protobuf encoding by hand, so that nothing under test has a part in it.

/// Bytes of a message that is being written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Encoder(pub(crate) Vec<u8>);

impl Encoder {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn number(mut self, mut value: u64) -> Self {
        loop {
            let [low, ..] = value.to_le_bytes();
            value >>= 7;
            self.0.push(if value == 0 { low } else { low | 0x80 });
            if value == 0 {
                break;
            }
        }
        self
    }

    pub(crate) fn tag(self, field: u32, wire: u32) -> Self {
        self.number(u64::from(field << 3 | wire))
    }

    pub(crate) fn varint(self, field: u32, value: u64) -> Self {
        self.tag(field, 0).number(value)
    }

    pub(crate) fn bytes(self, field: u32, bytes: &[u8]) -> Self {
        self.tag(field, 2).number(bytes.len() as u64).raw(bytes)
    }

    pub(crate) fn text(self, field: u32, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    pub(crate) fn message(self, field: u32, message: &Encoder) -> Self {
        self.bytes(field, &message.0)
    }

    /// Repeated numbers in one block.
    pub(crate) fn packed(self, field: u32, numbers: &[i32]) -> Self {
        let block =
            numbers.iter().fold(Encoder::new(), |block, &number| block.number(i64::from(number).cast_unsigned()));
        self.message(field, &block)
    }

    /// Repeated numbers one by one.
    pub(crate) fn unpacked(self, field: u32, numbers: &[i32]) -> Self {
        numbers.iter().fold(self, |out, &number| out.varint(field, i64::from(number).cast_unsigned()))
    }

    /// A field of each wire type that the format does not have, groups in a group among them.
    pub(crate) fn unknown(self) -> Self {
        let nested = Encoder::new().tag(101, 3).varint(1, u64::MAX).tag(102, 3).text(3, "x").tag(102, 4).tag(101, 4);
        self.varint(90, u64::MAX)
            .tag(91, 1)
            .raw(&[0xff; 8])
            .bytes(92, &[0xff; 5])
            .tag(93, 5)
            .raw(&[0xff; 4])
            .tag((1 << 29) - 1, 0)
            .number(0)
            .raw(&nested.0)
    }
}

pub(crate) fn occurrence(range: &[i32], symbol: &str, roles: u64) -> Encoder {
    Encoder::new().packed(1, range).text(2, symbol).varint(3, roles)
}

pub(crate) fn information(symbol: &str) -> Encoder {
    Encoder::new().text(1, symbol)
}

/// A document with these occurrences and symbol informations.
pub(crate) fn document(path: &str, occurrences: &[Encoder], symbols: &[Encoder]) -> Encoder {
    let out = occurrences.iter().fold(Encoder::new().text(1, path), |out, occurrence| out.message(2, occurrence));
    symbols.iter().fold(out, |out, symbol| out.message(3, symbol))
}

pub(crate) fn metadata(tool: &str) -> Encoder {
    Encoder::new().message(2, &Encoder::new().text(1, tool)).text(3, "file:///project")
}

/// An index that has everything.
pub(crate) fn index(documents: &[Encoder]) -> Encoder {
    let out = Encoder::new().message(1, &metadata("tool"));
    let out = documents.iter().fold(out, |out, document| out.message(2, document));
    out.message(3, &information("s m p v a/f()."))
}
