//! The functions that lowered decorators call.
//!
//! In: nothing. Out: for each the callee by which code calls it; that it is called has the function
//! put into the file when its passes are done.

use swc_core::common::{DUMMY_SP, Mark, SyntaxContext};
use swc_core::ecma::ast::{Callee, Expr, Ident};
use swc_core::ecma::transforms::base::enable_helper;

pub(super) fn decorate() -> Callee {
    callee("_ts_decorate", enable_helper!(ts_decorate))
}

pub(super) fn param() -> Callee {
    callee("_ts_param", enable_helper!(ts_param))
}

pub(super) fn metadata() -> Callee {
    callee("_ts_metadata", enable_helper!(ts_metadata))
}

fn callee(name: &str, mark: Mark) -> Callee {
    let ctxt = SyntaxContext::empty().apply_mark(mark);
    Callee::Expr(Box::new(Expr::Ident(Ident::new(
        name.into(),
        DUMMY_SP,
        ctxt,
    ))))
}
