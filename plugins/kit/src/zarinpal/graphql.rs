//! The panel's interface: as much of it as refunds need. Not GraphQL: it looks for the names of the two fields.

use poem::http::StatusCode;
use poem::web::Data;
use poem::{Request, Response, handler};
use serde_json::{Map, Value, json};

use super::Shared;
use super::state::State;
use crate::faults::{How, Operation, answer};

#[handler]
pub(super) async fn ask(Data(shared): Data<&Shared>, request: &Request, body: String) -> Response {
    let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    if token.is_empty() {
        let refusal = json!({ "errors": [{ "message": "Unauthenticated." }], "data": null });
        return answer(StatusCode::UNAUTHORIZED, &refusal);
    }
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let (query, variables) = (body["query"].as_str().unwrap_or_default(), &body["variables"]);
    let (fault, body) = {
        let mut state = shared.lock();
        if query.contains("AddRefund(") {
            let amount = variables["amount"].as_u64();
            let fault = state.faults.strike(Operation::Refund, token, amount);
            if let Some(instead) = fault.as_ref().and_then(How::instead) {
                return instead;
            }
            (fault, refund(&mut state, query, variables))
        } else {
            (None, sessions(&state, query, variables))
        }
    };
    match fault {
        Some(fault) => fault.deliver(StatusCode::OK, body).await,
        None => answer(StatusCode::OK, &body),
    }
}

fn refund(state: &mut State, query: &str, variables: &Value) -> Value {
    let number = variables["session_id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default();
    let amount = variables["amount"].as_u64().unwrap_or_default();
    match state.refund(number, amount) {
        Ok(id) => {
            let name =
                fields(query, "AddRefund").into_iter().next().map_or_else(|| "AddRefund".into(), |(name, _)| name);
            json!({ "data": { name: {
                "terminal_id": "1", "id": id.to_string(), "amount": amount,
                "timeline": { "refund_amount": amount, "refund_time": "2026-01-01 00:00:00", "refund_status": "PENDING" },
            } } })
        }
        Err(why) => json!({ "errors": [{ "message": why }], "data": null }),
    }
}

/// Transactions of a number; those only of which something was given back, where the query filters them so.
fn sessions(state: &State, query: &str, variables: &Value) -> Value {
    let number: u64 = variables["reference_id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default();
    let mut data = Map::new();
    for (name, arguments) in fields(query, "Session") {
        let refunded = arguments.contains("REFUNDED");
        let rows = state.payments.values().filter(|row| number != 0 && row.number == number);
        let rows = rows.filter(|row| !refunded || row.refunded > 0);
        let rows: Vec<Value> = rows
            .map(|row| json!({ "id": row.number.to_string(), "status": row.status.word(), "amount": row.rials() }))
            .collect();
        data.insert(name, json!(rows));
    }
    json!({ "data": data })
}

/// The places where a field is asked for: the name that it is to have, and its arguments.
fn fields(query: &str, field: &str) -> Vec<(String, String)> {
    let call = format!("{field}(");
    let mut found = Vec::new();
    for (at, _) in query.match_indices(&call) {
        let before = query[..at].trim_end();
        // The head of the operation itself: `mutation AddRefund(`.
        if before.ends_with("mutation") || before.ends_with("query") {
            continue;
        }
        let alias = before.strip_suffix(':').map(str::trim_end);
        let name = alias.and_then(|rest| rest.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next());
        let arguments = query[at + call.len()..].split(')').next().unwrap_or_default();
        found.push((name.unwrap_or(field).to_owned(), arguments.to_owned()));
    }
    found
}
