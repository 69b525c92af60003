//! Pictures, made chunk by chunk.

/// What every PNG begins with.
pub const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A chunk of a PNG with its length and checksum.
pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend_from_slice(kind);
    chunk.extend_from_slice(data);
    let checksum = crc32fast::hash(&chunk[4..]);
    chunk.extend_from_slice(&checksum.to_be_bytes());
    chunk
}

/// The head of a grey picture of one pixel: its signature and `IHDR`.
pub fn head() -> Vec<u8> {
    [SIGNATURE, &chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])].concat()
}

/// A PNG of one pixel with these chunks after its head.
pub fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    let pixel = chunk(b"IDAT", &[0x78, 0x01, 0x01, 0x02, 0x00, 0xfd, 0xff, 0x00, 0xff, 0x01, 0x01, 0x01, 0x00]);
    [head(), chunks.concat(), pixel, chunk(b"IEND", &[])].concat()
}

/// The chunk of a badge, as the standard has it.
pub fn badge(keyword: &str, payload: &str) -> Vec<u8> {
    chunk(b"iTXt", &[keyword.as_bytes(), &[0; 5], payload.as_bytes()].concat())
}

/// An SVG with no badge in it.
pub const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><path d=\"M0 0h9v9z\"/></svg>\n";
