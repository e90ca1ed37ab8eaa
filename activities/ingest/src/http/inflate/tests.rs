use super::*;

fn compressed(encoding: Encoding, text: &[u8]) -> Vec<u8> {
    match encoding {
        Encoding::Identity => text.to_vec(),
        Encoding::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Encoding::Deflate => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Encoding::Brotli => {
            let mut out = Vec::new();
            brotli::BrotliCompress(&mut &*text, &mut out, &brotli::enc::BrotliEncoderParams::default()).unwrap();
            out
        }
        Encoding::Zstd => zstd::encode_all(text, 3).unwrap(),
    }
}

fn inflated(encoding: Encoding, bytes: &[u8], cap: u64) -> Result<Vec<u8>, InflateError> {
    let mut inflater = Inflater::new(encoding, cap)?;
    let mut out = Vec::new();
    for piece in bytes.chunks(7) {
        inflater.push(piece)?;
        out.append(&mut inflater.take());
    }
    out.append(&mut inflater.finish()?);
    Ok(out)
}

const ALL: [Encoding; 5] = [Encoding::Identity, Encoding::Gzip, Encoding::Deflate, Encoding::Brotli, Encoding::Zstd];

#[test]
fn what_was_compressed_comes_back_in_whatever_pieces_it_arrives() {
    let text: Vec<u8> = (0..50_000_u32).flat_map(|n| (n % 977).to_string().into_bytes()).collect();
    for encoding in ALL {
        assert!(inflated(encoding, &compressed(encoding, &text), 1 << 20).unwrap() == text, "{encoding:?}");
        assert_eq!(inflated(encoding, &compressed(encoding, b"{}"), 2).unwrap(), b"{}", "{encoding:?}");
        assert_eq!(inflated(encoding, b"", 2).unwrap(), b"", "{encoding:?}");
    }
    let mut bare = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    bare.write_all(&text).unwrap();
    let bare = bare.finish().unwrap();
    let mut inflater = Inflater::new(Encoding::Deflate, 1 << 20).unwrap();
    inflater.push(&bare).unwrap();
    assert_eq!(inflater.finish().unwrap(), text);
}

#[test]
fn a_bomb_is_refused_before_it_costs_memory() {
    let zeros = vec![b'0'; 20 << 20];
    for encoding in ALL {
        let refused = inflated(encoding, &compressed(encoding, &zeros), 1 << 20).map(|out| out.len());
        assert_eq!(refused, Err(InflateError::TooLarge(1 << 20)), "{encoding:?}");
    }
    for encoding in [Encoding::Brotli, Encoding::Zstd] {
        let refused = inflated(encoding, &compressed(encoding, &zeros), u64::MAX).map(|out| out.len());
        assert_eq!(refused, Err(InflateError::Ratio), "{encoding:?}");
    }
}

#[test]
fn what_is_cut_short_or_not_compressed_at_all_is_damaged() {
    let text = [b'x'; 5_000];
    for encoding in [Encoding::Gzip, Encoding::Deflate, Encoding::Brotli, Encoding::Zstd] {
        let whole = compressed(encoding, &text);
        let cut = whole.get(..whole.len() - 3).unwrap();
        for bad in [cut, b"{\"session_id\":1}"] {
            assert_eq!(
                inflated(encoding, bad, 1 << 20).map(|out| out.len()),
                Err(InflateError::Damaged),
                "{encoding:?}"
            );
        }
    }
}
