//! tmp
use crate::discover::model::Handler;
use crate::js::build::{Built, Workshop};
use crate::pack::Packed;
use crate::plan::Plan;
use crate::verify::{Proof, Status};
#[derive(Default)]
pub(super) struct Originals {}
impl Originals {
    pub fn prove(&mut self, _s: &Workshop, _p: &Plan, _h: &Handler, _b: &Built, _k: &Packed, _r: &dyn Fn(&str) -> Option<String>) -> crate::diag::Result<Proof> {
        Ok(Proof::new(Status::Unverified, "tmp"))
    }
}
