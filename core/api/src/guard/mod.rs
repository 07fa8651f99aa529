//! Guards: who is asking, proved before anything is parsed. A guard is the only way to a transaction.

mod allowed;
mod anyone;
pub mod may;
mod operator;
mod token;
mod visitor;

pub use allowed::Allowed;
pub use anyone::{Anyone, AtStaffDoor};
pub use operator::OperatorCaller;
pub use visitor::Visitor;

use std::sync::Arc;

use poem::Request;
use poem::http::StatusCode;

use crate::App;
use crate::http::Problem;
use crate::resolve::Resolved;

/// What requests share, from a request.
fn app(request: &Request) -> Result<&Arc<App>, Problem> {
    request.data().ok_or_else(misplaced)
}

fn resolved(request: &Request) -> Result<&Resolved, Problem> {
    request.data().ok_or_else(misplaced)
}

fn misplaced() -> Problem {
    tracing::error!("A guard stands where its data is not: the routes are put together wrongly");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "service.fault", "something went wrong on our side")
}
