//! A path of which only some parts are known.

/// A piece of a path that is partly known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    /// Anything.
    Any,
    /// The folder of the file itself.
    Dir,
    /// The folder that the process runs in.
    Cwd,
    /// The file itself.
    File,
}

/// The same path with adjoining texts joined, and what is unknown said once.
pub fn merge(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (out.last_mut(), piece) {
            (_, Piece::Text(text)) if text.is_empty() => {}
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (Some(Piece::Any), Piece::Any) => {}
            (_, piece) => out.push(piece),
        }
    }
    out
}
