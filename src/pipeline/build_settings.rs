//! What a plan says of a Node.js function's job: all that a [`BuildRequest`] borrows, in one place.
//!
//! In: a plan and its project context. Out: [`BuildSettings`], from which every way of building the function, and
//! whoever only looks into it, makes its job.

use std::slice;

use crate::plan::Plan;
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::Result;
use coldcut_core::functions::{FunctionKind, Handler};
use coldcut_core::ignore_rules::{Because, Ignore};
use coldcut_core::platform::Declared;
use coldcut_js::build::{
    BuildMode, BuildRequest, IgnoreVerdict, IncludeSource, ProjectContext, SharedSettings,
};
use coldcut_js::bundle::CherryPicks;
use coldcut_js::host::Host;
use coldcut_js::packages::platform_fields::Target as Runs;
use coldcut_js::syntax::target::Engine;

use crate::pipeline::external::ExternalPackages;
use crate::pipeline::request::PackRequest;

/// See the module.
pub(super) struct BuildSettings<'p> {
    plan: &'p Plan,
    /// How the project has the SDK that its runtime brings along.
    pub declared: Declared,
    pub ignore: Ignore,
    external: ExternalPackages,
    cherry_picks: CherryPicks,
    runs: Runs,
}

impl<'p> BuildSettings<'p> {
    pub fn new(context: &ProjectContext, plan: &'p Plan) -> Result<Self> {
        let runtime = plan.platform.runtime(&plan.runtime.value);
        let declared = context.declared(&|name| runtime.as_ref().is_ok_and(|one| one.covers(name)));
        let glibc = runtime.as_ref().ok().and_then(|one| one.glibc.as_deref());
        let rows = plan.bundle.cherry_pick.iter();
        Ok(Self {
            ignore: Ignore::build(plan.root(), &plan.files.rules_off, &plan.files.patterns)?,
            external: ExternalPackages::new(plan, declared, plan.packages.sdk.value)?,
            cherry_picks: CherryPicks::with(rows.map(|(package, names)| (package, names.iter()))),
            runs: Runs::new(&plan.arch.value, glibc, Some(&plan.runtime.value)),
            declared,
            plan,
        })
    }

    /// What the rules say of a path.
    pub fn decide(&self) -> impl Fn(&RelPath) -> IgnoreVerdict + Sync + '_ {
        |path| verdict(&self.ignore, path)
    }

    /// Why a package is left to the platform.
    pub fn external(&self) -> impl Fn(&str) -> Option<String> + Sync + '_ {
        |package| self.external.reason(package)
    }

    pub fn build_request<'a>(
        &'a self,
        handler: &'a RelPath,
        mode: BuildMode,
        decide: &'a (dyn Fn(&RelPath) -> IgnoreVerdict + Sync),
        external: &'a (dyn Fn(&str) -> Option<String> + Sync),
    ) -> BuildRequest<'a> {
        BuildRequest {
            name: &self.plan.function.name,
            handler,
            mode,
            decide,
            external,
            cherry_picks: &self.cherry_picks,
            target: self.plan.node().map(Engine::node),
            runs: &self.runs,
        }
    }
}

/// Reads the folder that plans share, and every module that their handlers reach; `None` where there
/// is no plan.
pub(super) fn open(plans: &[&Plan], request: &PackRequest) -> Option<ProjectContext> {
    let first = plans.first()?;
    let handlers = plans.iter().filter_map(|plan| handler(plan));
    let handlers: Vec<RelPath> = handlers.map(|handler| handler.file.clone()).collect();
    let archs: Vec<&str> = plans.iter().map(|plan| plan.arch.value.as_str()).collect();
    Some(ProjectContext::open(
        first.root(),
        &handlers,
        slice::from_ref(&request.out),
        common(first, &archs),
    ))
}

/// What a plan says that holds for its whole folder.
pub(super) fn common<'a>(plan: &'a Plan, archs: &'a [&'a str]) -> SharedSettings<'a> {
    let mut defines = plan.bundle.define.clone();
    if let Ok(runtime) = plan.platform.runtime(&plan.runtime.value) {
        for (name, value) in runtime.define() {
            let said = defines.entry(name.clone());
            said.or_insert_with(|| value.clone());
        }
    }
    SharedSettings {
        defines,
        archs,
        rules: &plan.files.rules,
        host: host(plan),
    }
}

/// Who loads what is built for a function. A runtime that the platform does not know is refused where
/// it is asked for.
pub(super) fn host(plan: &Plan) -> Host {
    let runtime = plan.platform.runtime(&plan.runtime.value);
    runtime.map_or(Host::Node, |runtime| Host::new(runtime.conditions()))
}

pub(super) fn handler(plan: &Plan) -> Option<&Handler> {
    match &plan.function.kind {
        FunctionKind::Node(handler) => Some(handler),
        FunctionKind::Rust(_) => None,
    }
}

/// What the rules say of a path, as the build takes it.
fn verdict(ignore: &Ignore, path: &RelPath) -> IgnoreVerdict {
    let decision = ignore.decide(path);
    let rule = match &decision.because {
        Some(Because::Rule(name)) => Some(name.clone()),
        _ => None,
    };
    let included_by = match &decision.because {
        Some(Because::Pattern { text, .. }) if decision.keep => {
            let setting = text.starts_with("--include") || text.starts_with("include = ");
            Some(if setting {
                IncludeSource::Setting
            } else {
                IncludeSource::Framework
            })
        }
        _ => None,
    };
    IgnoreVerdict {
        keep: decision.keep,
        because: decision.because.map(|because| because.to_string()),
        rule,
        included_by,
    }
}
