//! Which statuses an operation may refuse with, so that its document says so.

use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry};
use poem_openapi::{ApiResponse, Object, types::Type};

use super::Fail;

/// A set of statuses that a kind of operation may refuse with.
pub trait Statuses: 'static {
    /// The statuses, in order.
    const LIST: &'static [u16];
}

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident: $($status:literal)*;)*) => {
        $($(#[$doc])* pub enum $name {}
        impl Statuses for $name {
            const LIST: &'static [u16] = &[$($status),*];
        })*
    };
}

statuses! {
    /// A visitor reads.
    StoreReads: 401 404 422 503;
    /// Somebody logs in to a store.
    LogsIn: 400 401 403 404 413 415 422 429 503;
    /// Somebody renews or ends a log-in to a store.
    Renews: 400 401 404 413 415 422 503;
    /// An operator logs in.
    OperatorLogsIn: 400 401 413 415 422 429 503;
    /// An operator renews or ends a log-in.
    OperatorRenews: 400 401 413 415 422 503;
    /// Somebody opens a store.
    OpensStore: 400 409 413 415 422 429 503;
    /// Somebody changes the own password.
    Own: 400 401 403 404 413 415 422 429 503;
    /// Somebody registers.
    Registers: 400 404 409 413 415 422 429 503;
    /// A shopper reads what is its own.
    OwnReads: 401 404 422 503;
    /// A shopper reads what is its own and may add up to too much.
    ShopperReads: 401 404 409 422 503;
    /// A shopper changes what is its own.
    OwnChanges: 400 401 404 409 412 413 415 422 503;
    /// A shopper removes what is its own.
    OwnRemoves: 401 404 409 412 422 503;
    /// An operator makes something new.
    OperatorMakes: 400 401 409 413 415 422 503;
    /// A shopper does something to what is its own.
    ShopperSteps: 401 404 409 422 503;
    /// A shopper makes something new, once.
    ShopperMakes: 400 401 404 409 413 415 422 503;
    /// A shopper begins to pay.
    Pays: 400 401 404 409 413 415 422 429 503;
    /// Anyone comes back from a gateway.
    ComesBack: 404 413 422 429 503;
    /// A provider calls.
    Calls: 401 404 413 422 429 503;
    /// Staff does something to a thing that is there, once.
    StepsOnce: 400 401 403 404 409 422 503;
    /// Staff reads.
    Reads: 401 403 404 422 503;
    /// Staff does something to a thing that is there.
    Steps: 401 403 404 409 422 503;
    /// Staff decides about a thing of a version, without a body.
    Decides: 401 403 404 412 422 428 503;
    /// A visitor or a customer makes something new.
    Posts: 400 401 404 409 413 415 422 429 503;
    /// A shopper puts something somewhere, without a body.
    OwnPuts: 401 404 409 422 503;
    /// A shopper makes something new.
    OwnCreates: 400 401 409 413 415 422 503;
    /// Staff sends a mail to somebody.
    SendsMail: 400 401 403 404 413 415 422 429 503;
    /// Staff tries what may be slow.
    Tries: 401 403 404 409 422 429 503;
    /// Staff makes something new.
    Creates: 400 401 403 404 409 413 415 422 503;
    /// Staff changes something that is there.
    Changes: 400 401 403 404 409 412 413 415 422 428 503;
    /// Staff changes the store itself.
    ChangesStore: 400 401 403 404 412 413 415 422 428 503;
    /// Staff removes something that is there.
    Removes: 401 403 404 409 412 422 428 503;
    /// An operator reads.
    OperatorReads: 401 404 422 503;
    /// An operator acts on a store.
    OperatorActs: 401 404 409 422 503;
}

/// What a refused request is answered with (RFC 9457).
#[derive(Object)]
#[oai(rename = "Problem", read_only_all)]
struct ProblemShown {
    /// Identifies the kind of problem: `urn:stoa:problem:` and the code.
    #[oai(rename = "type")]
    kind: String,
    /// The name of the status.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What happened, and what would help.
    detail: String,
    /// The stable name of the problem, for programs.
    code: String,
    /// The fields that are to blame.
    errors: Vec<FieldProblem>,
    /// The request's id, as in the header `Stoa-Request-Id`.
    request_id: String,
    /// Of `order.out_of_stock` alone: the lines that are short.
    shortages: Option<Vec<ShortageShown>>,
    /// Of `carts.out_of_stock` alone: how many there are.
    available: Option<i64>,
}

/// A line that is short.
#[derive(Object)]
#[oai(rename = "Shortage", read_only_all)]
struct ShortageShown {
    /// What is short.
    variant_id: uuid::Uuid,
    /// What it is called.
    name: String,
    /// How many were asked for.
    requested: i64,
    /// How many there are.
    available: i64,
}

/// One field that is wrong.
#[derive(Object)]
#[oai(read_only_all)]
struct FieldProblem {
    /// JSON pointer (RFC 6901) into the body, or `/query/…`, `/path/…`, `/header/…` for a parameter.
    pointer: String,
    /// What is wrong with it, and what would be right.
    detail: String,
}

impl<S: Statuses> ApiResponse for Fail<S> {
    fn meta() -> MetaResponses {
        MetaResponses { responses: S::LIST.iter().copied().map(refusal).collect() }
    }

    fn register(registry: &mut Registry) {
        ProblemShown::register(registry);
    }
}

fn refusal(status: u16) -> MetaResponse {
    let content = MetaMediaType { content_type: "application/problem+json", schema: problem_schema() };
    MetaResponse {
        description: meaning(status),
        status: Some(status),
        status_range: None,
        content: vec![content],
        headers: Vec::new(),
    }
}

fn problem_schema() -> MetaSchemaRef {
    ProblemShown::schema_ref()
}

fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The body is no JSON.",
        401 => "Nobody whom we know is asking: log in again.",
        403 => "The caller may not do this.",
        404 => "There is no such store, or no such thing in it.",
        409 => "The state of things does not allow it now.",
        412 => "It was changed since it was read: read it again.",
        413 => "The body is too large.",
        415 => "The body's media type is none that is taken here.",
        422 => "A field, a parameter or the cursor is not as it must be.",
        428 => "Say with `If-Match` which version is meant.",
        429 => "Too many requests: wait as long as `Retry-After` says.",
        503 => "Try again as soon as `Retry-After` says.",
        _ => "Refused.",
    }
}
