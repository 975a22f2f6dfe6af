//! End-to-end tests through the built binary, on real projects and with the real `node`.
//!
//! `addons` is about native files for this platform and others; `fixtures` packs each project in
//! `fixtures/` and invokes what comes out; `bundle` and
//! `differential` hold bundles to what Node does with their sources, `mutations` throws broken sources
//! at the bundler, `npm` does so with well-known
//! packages, `foreign_suites` with the programs of other projects' suites and `picks` with the tables of their parts; `beside` is about what lies beside a bundle;
//! `pnp` is about Yarn's Plug'n'Play;
//! `trace` lists the files that code names, `traced` runs packages from those alone;
//! `verify`, `mutants` and `measure` are about artifacts that are run, hostile and broken ones too
//! (`zips` writes those), `observe` about logs of deployed functions, `estimates` about
//! what a cold start takes and costs,
//! `proofs` about those that need not be run again; `rust` builds and starts
//! Rust functions; `bad_input` holds one test for each thing that can be wrong; `house`
//! holds the code to its own rules (`imports` reads which file imports which); `commands` is about the command
//! line itself, `reports` about reports in files and `budgets` about what they are held against,
//! `past` about git refs, `action` about what
//! runs in CI, `frozen` about bytes and texts that stay as they are,
//! `sbom` about lists of what is kept, `service` about what frameworks hand over, `sam` about AWS SAM, `infrastructure` about others that deploy,
//! `platforms` about other clouds than AWS Lambda, `packages` about what is published on npm; `inputs`
//! lists what artifacts are made of, `monorepos` is about several projects in one repository and one
//! project over several machines, `watch` about packing again. Add
//! a test where a newcomer would look for it.

mod action;
mod addons;
mod bad_input;
mod beside;
mod budgets;
mod bundle;
mod commands;
mod differential;
mod effects;
mod estimates;
mod fixtures;
mod foreign_suites;
mod frozen;
mod graphs;
mod house;
mod imports;
mod infrastructure;
mod inputs;
mod lexer;
mod measure;
mod minifier_programs;
mod monorepos;
mod mutants;
mod mutations;
mod npm;
mod observe;
mod packages;
mod past;
mod picks;
mod platforms;
mod pnp;
mod proofs;
mod reports;
mod rust;
mod sam;
mod sbom;
mod service;
mod support;
mod trace;
mod traced;
mod verify;
mod waiting_graphs;
mod watch;
mod zips;
