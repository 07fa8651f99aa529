//! Guards: who is asking, proved before anything is parsed. A guard is the only way to a transaction.

mod allowed;
mod anyone;
mod buying;
mod cart;
mod change;
mod customer;
pub mod may;
mod operator;
mod passing;
mod principal;
mod shopper;
mod token;
mod visitor;

pub use allowed::Allowed;
pub use anyone::{Anyone, At, Door, ShopDoor, StaffDoor};
pub use cart::CartHeader;
pub use change::{Change, PlatformChange};
pub use customer::Customer;
pub use operator::OperatorCaller;
pub use passing::Passing;
pub(crate) use principal::Principals;
pub use shopper::Shopper;
pub use visitor::Visitor;

use std::sync::Arc;

use domain::audit::{Actor, Origin};
use poem::Request;
use poem::http::StatusCode;
use uuid::Uuid;

use crate::App;
use crate::caller::address;
use crate::http::Problem;
use crate::resolve::Resolved;

/// The id of a request, set by the outermost layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestId(pub(crate) Uuid);

/// What requests share, from a request.
fn app(request: &Request) -> Result<&Arc<App>, Problem> {
    request.data().ok_or_else(misplaced)
}

fn resolved(request: &Request) -> Result<&Resolved, Problem> {
    request.data().ok_or_else(misplaced)
}

fn origin(request: &Request, actor: Actor) -> Result<Origin, Problem> {
    let address = address(request, &app(request)?.trusted_proxies).to_string();
    Ok(Origin { actor, request: request_id(request)?, address })
}

fn request_id(request: &Request) -> Result<Uuid, Problem> {
    let RequestId(id) = *request.data::<RequestId>().ok_or_else(misplaced)?;
    Ok(id)
}

fn misplaced() -> Problem {
    tracing::error!("A guard stands where its data is not: the routes are put together wrongly");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "service.fault", "something went wrong on our side")
}
