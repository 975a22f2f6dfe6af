//! The texts and comments of the files that become one program.
//!
//! In: files, one after another. Out: [`Sources`], in which every place of every file has one
//! number, and [`Notes`], the comments by the place of what they stand at.

use std::path::Path;

use swc_core::common::comments::{Comment, CommentKind};
use swc_core::common::sync::Lrc;
use swc_core::common::{BytePos, DUMMY_SP, FileName, SourceMap, Span};

/// The texts of all files of one bundle, so that a place in any of them has one number.
#[derive(Clone, Default)]
pub struct Sources {
    pub(super) cm: Lrc<SourceMap>,
}

/// The comments of a file, by the place of what they stand at.
#[derive(Debug, Default, Clone)]
pub struct Notes {
    pub leading: Vec<(BytePos, Vec<Comment>)>,
    pub trailing: Vec<(BytePos, Vec<Comment>)>,
}

impl Sources {
    /// The span of a file that is not parsed here, so that what is printed of it counts as its.
    pub fn whole(&self, path: &Path, text: &str) -> Span {
        let name = FileName::Real(path.to_path_buf());
        let file = self.cm.new_source_file(name.into(), text.to_string());
        Span::new(file.start_pos, file.end_pos)
    }

    /// Line and column of a place in its file, both from 1.
    pub fn line_of(&self, at: BytePos) -> (usize, usize) {
        if at.is_dummy() {
            return (1, 1);
        }
        let place = self.cm.lookup_char_pos(at);
        (place.line, place.col_display + 1)
    }

    /// A place that belongs to no file, for a comment to stand at.
    pub fn reserve(&self) -> BytePos {
        let name = FileName::Custom("coldcut".to_string());
        self.cm
            .new_source_file(name.into(), " ".to_string())
            .start_pos
    }
}

impl Notes {
    /// What the comments say, in the order of their places.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let mut all: Vec<&(BytePos, Vec<Comment>)> =
            self.leading.iter().chain(&self.trailing).collect();
        all.sort_by_key(|(at, _)| *at);
        all.into_iter()
            .flat_map(|(_, list)| list.iter().map(|comment| &*comment.text))
    }

    /// Comments of coldcut's own.
    pub fn labels(labels: Vec<(BytePos, String)>) -> Self {
        let leading = labels
            .into_iter()
            .map(|(at, text)| {
                let comment = Comment {
                    kind: CommentKind::Line,
                    span: DUMMY_SP,
                    text: text.into(),
                };
                (at, vec![comment])
            })
            .collect();
        Self {
            leading,
            trailing: Vec::new(),
        }
    }
}
