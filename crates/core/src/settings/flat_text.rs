//! Settings as one line of text, for digests.
//!
//! Digests of inputs are kept by other tools from run to run. So this text names the settings as a
//! file does, beside each other and in a fixed order, however the groups are cut.

use std::fmt;

use crate::settings::Settings;

impl Settings {
    /// Every setting with its value, in the order of [`KEYS`](crate::settings::KEYS).
    pub fn flat_text(&self) -> String {
        format!("{:?}", Flat(self))
    }
}

struct Flat<'a>(&'a Settings);

impl fmt::Debug for Flat<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings {
            target,
            artifact,
            packages,
            files,
            bundle,
            verify,
            rust,
            report,
        } = self.0;
        f.debug_struct("Settings")
            .field("strategy", &artifact.strategy)
            .field("platform", &target.platform)
            .field("runtime", &target.runtime)
            .field("arch", &target.arch)
            .field("external", &packages.external)
            .field("sdk", &packages.sdk)
            .field("include", &files.include)
            .field("exclude", &files.exclude)
            .field("rules_off", &files.rules_off)
            .field("keep_secrets", &files.keep_secrets)
            .field("links", &artifact.links)
            .field("compression", &artifact.compression)
            .field("verify", &verify.enabled)
            .field("minify", &bundle.minify)
            .field("sourcemap", &bundle.sourcemap)
            .field("keep_names", &bundle.keep_names)
            .field("manifests", &bundle.manifests)
            .field("layer_bytes", &report.layer_bytes)
            .field("define", &bundle.define)
            .field("env", &verify.env)
            .field("event", &verify.event)
            .field("cherry_pick", &bundle.cherry_pick)
            .field("rule", &files.rules)
            .field("rust_profile", &rust.profile)
            .field("panic", &rust.panic)
            .field("rust_target", &rust.target)
            .field("debug_file", &rust.debug_file)
            .field("calibration", &report.calibration)
            .field("shared_layer", &rust.shared_layer)
            .field("budget", &report.budget)
            .finish()
    }
}
