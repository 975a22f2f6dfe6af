//! Proofs of earlier runs, by the content of all that they are about.
//!
//! In: a [`claim`]. Out: the proof that an earlier run found for just that, if one did. A handler
//! that takes seconds to load is loaded twice for a proof; where nothing changed, not at all. Only
//! a proof that both sides load and answer alike is kept: a failure may be the network's, or the
//! hour's, and is looked at again.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use coldcut_core::digest::Parts;
use coldcut_core::disk;
use coldcut_core::disk::Stamp;
use coldcut_verify::{LoadedAmount, Proof, Status};

/// Raised whenever what is compared changes.
const FORMAT: u32 = 1;
/// How many are kept; the oldest go first.
const MOST_REMEMBERED: usize = 1000;

/// The start of all that a proof depends on: this version, and the Node.js that loads.
pub fn claim(node: &Path) -> Parts {
    let mut claim = Parts::default();
    let real = node.canonicalize().unwrap_or_else(|_| node.to_path_buf());
    claim.add(env!("CARGO_PKG_VERSION"));
    claim.number(u64::from(FORMAT));
    claim.add(coldcut_verify::HARNESS);
    claim.add(real.to_string_lossy().as_bytes());
    claim.add(Stamp::of(&real).unwrap_or_default().to_string());
    claim
}

/// The folder of proofs below coldcut's own.
#[derive(Debug, Clone)]
pub struct Proofs(PathBuf);

#[derive(Serialize, Deserialize)]
struct RememberedProof {
    detail: String,
    #[serde(default)]
    amounts: Option<(LoadedAmount, LoadedAmount)>,
}

impl Proofs {
    pub fn below(out: &Path) -> Self {
        Self(out.join(".cache").join("proofs"))
    }

    /// What an earlier run found, or else what `prove` finds now, which also says whether both
    /// sides did all that was asked, and not merely failed alike.
    pub fn recall<E>(
        &self,
        claim: Parts,
        prove: impl FnOnce() -> Result<(Proof, bool), E>,
    ) -> Result<Proof, E> {
        let file = self.0.join(claim.text()).with_extension("json");
        let text = fs::read(&file).ok();
        if let Some(kept) =
            text.and_then(|text| serde_json::from_slice::<RememberedProof>(&text).ok())
        {
            let mut proof = Proof::new(Status::Equal, kept.detail);
            proof.earlier = true;
            proof.amounts = kept.amounts;
            return Ok(proof);
        }
        let (proof, sound) = prove()?;
        if proof.status == Status::Equal && sound && proof.problem.is_none() {
            // A cache that cannot be written is only a slower next run.
            let _ = self.keep(&file, &proof);
        }
        Ok(proof)
    }

    fn keep(&self, file: &Path, proof: &Proof) -> std::io::Result<()> {
        fs::create_dir_all(&self.0)?;
        let kept = RememberedProof {
            detail: proof.detail.clone(),
            amounts: proof.amounts,
        };
        disk::place(file, &serde_json::to_vec(&kept)?)?;
        let mut all: Vec<(std::time::SystemTime, PathBuf)> = fs::read_dir(&self.0)?
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        if all.len() > MOST_REMEMBERED {
            all.sort();
            for (_, path) in all.drain(..all.len() - MOST_REMEMBERED) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(parts: &[&str]) -> Parts {
        let mut claim = super::claim(Path::new("/no/node"));
        for part in parts {
            claim.add(part);
        }
        claim
    }

    fn sound(detail: &str) -> (Proof, bool) {
        (Proof::new(Status::Equal, detail), true)
    }

    #[test]
    fn only_what_is_sound_is_kept_and_only_for_the_same_content() {
        let folder = tempfile::tempdir().unwrap();
        let proofs = Proofs::below(folder.path());
        let ask = |parts: &[&str], found: (Proof, bool)| {
            let mut proved = false;
            let proof = proofs.recall::<()>(claim(parts), || {
                proved = true;
                Ok(found)
            });
            (proof.unwrap(), proved)
        };
        let failing = (Proof::new(Status::Equal, "both fail"), false);
        let differs = (Proof::new(Status::Differs, "differs"), true);
        assert!(ask(&["a"], failing.clone()).1);
        assert!(ask(&["a"], differs).1);
        assert!(ask(&["a"], sound("equal")).1);
        let (again, proved) = ask(&["a"], failing);
        assert!(!proved && again.earlier);
        assert_eq!(again.detail, "equal");
        assert!(ask(&["b"], sound("other")).1);
        assert!(ask(&["a", "b"], sound("two")).1);
        assert!(ask(&["ab"], sound("one")).1);
    }

    #[test]
    fn a_cache_that_is_no_folder_or_no_json_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".cache"), "a file").unwrap();
        let proofs = Proofs::below(folder.path());
        for _ in 0..2 {
            let proof = proofs.recall::<()>(claim(&["a"]), || Ok(sound("equal")));
            assert!(!proof.unwrap().earlier);
        }
    }
}
