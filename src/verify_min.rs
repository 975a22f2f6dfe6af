#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status { Equal, Differs, Unverified }
#[derive(Debug, Clone)]
pub struct Proof { pub status: Status, pub detail: String, pub problem: Option<crate::diag::Diagnostic> }
impl Proof { pub fn new(status: Status, detail: impl Into<String>) -> Self { Self { status, detail: detail.into(), problem: None } } }
pub mod codes { use crate::diag::Code; pub const DIFFERS: Code = Code("CC130"); pub const SCRATCH: Code = Code("CC124"); }
