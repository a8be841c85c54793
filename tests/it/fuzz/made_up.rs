//! Texts made of random bytes that come nearer to what a parser knows than random bytes do.

/// Two texts of one input: the input as it is, as people write the files of a corpus, and one made of pieces
/// that it chooses.
pub fn texts(bytes: &[u8], pieces: &[&str]) -> [String; 2] {
    [String::from_utf8_lossy(bytes).into_owned(), chosen(bytes, pieces)]
}

/// A text of pieces; some bytes stand for a character of any kind.
fn chosen(bytes: &[u8], pieces: &[&str]) -> String {
    let mut bytes = Choices(bytes);
    let mut text = String::new();
    while let Some(byte) = bytes.next() {
        match pieces.get(usize::from(byte)) {
            Some(piece) => text.push_str(piece),
            None if byte < 200 => text.push_str(pieces[usize::from(byte) % pieces.len()]),
            None => text.push(bytes.character()),
        }
    }
    text
}

/// Bytes that decide what comes next.
pub struct Choices<'a>(pub &'a [u8]);

impl Choices<'_> {
    pub fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// One of so many.
    pub fn below(&mut self, count: usize) -> usize {
        usize::from(self.next().unwrap_or(0)) % count
    }

    /// A character: mostly of the planes in use.
    pub fn character(&mut self) -> char {
        let plane = [0, 0, 0, 0x2000, 0x600, 0xff00, 0x1_f300, 0xe_0000][self.below(8)];
        let offset = u32::from(self.next().unwrap_or(0)) << 1 | u32::from(self.next().unwrap_or(0) & 1);
        char::from_u32(plane + offset).unwrap_or('\u{fffd}')
    }
}
