//! The interface for payments.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Response, handler};
use serde_json::{Value, json};

use super::Shared;
use super::state::{Asked, State, Status};
use crate::faults::{How, Operation, answer};

type Answer = Result<Value, Refusal>;

/// A code, and the fields that are wrong.
struct Refusal(i64, Vec<(&'static str, &'static str)>);

impl From<i64> for Refusal {
    fn from(code: i64) -> Self {
        Self(code, Vec::new())
    }
}

#[handler]
pub(super) async fn serve(Data(shared): Data<&Shared>, Path(what): Path<String>, body: String) -> Response {
    let operation = match what.as_str() {
        "request.json" => Operation::Request,
        "verify.json" => Operation::Verify,
        "inquiry.json" => Operation::Inquiry,
        "reverse.json" => Operation::Reverse,
        "unVerified.json" => Operation::Unverified,
        _ => return answer(StatusCode::NOT_FOUND, &json!({ "message": "Not Found" })),
    };
    let (fault, status, body) = {
        let mut state = shared.lock();
        let Ok(body) = serde_json::from_str::<Value>(&body) else {
            return refused(Refusal(-9, vec![("body", "The body must be JSON.")]), None).into_response();
        };
        let merchant = text(&body, "merchant_id");
        let amount = number(&body, "amount")
            .or_else(|| state.payments.get(&text(&body, "authority")).map(|payment| payment.amount));
        let fault = state.faults.strike(operation, &merchant, amount);
        if let Some(instead) = fault.as_ref().and_then(How::instead) {
            return instead;
        }
        let done = match fault {
            Some(How::Code(code)) => Err(code.into()),
            _ => perform(&mut state, operation, &body),
        };
        match done {
            Ok(data) => (fault, StatusCode::OK, json!({ "data": data, "errors": [] })),
            Err(refusal) => {
                let Told(status, body) = refused(refusal, None);
                (fault, status, body)
            }
        }
    };
    match fault {
        Some(fault) => fault.deliver(status, body).await,
        None => answer(status, &body),
    }
}

struct Told(StatusCode, Value);

impl Told {
    fn into_response(self) -> Response {
        answer(self.0, &self.1)
    }
}

fn refused(Refusal(code, fields): Refusal, message: Option<&str>) -> Told {
    let validations: Vec<Value> = fields.iter().map(|(field, why)| json!({ *field: why })).collect();
    let message = message.unwrap_or_else(|| meaning(code));
    let status = if code == -9 { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Told(status, json!({ "data": [], "errors": { "message": message, "code": code, "validations": validations } }))
}

fn perform(state: &mut State, operation: Operation, body: &Value) -> Answer {
    let merchant = text(body, "merchant_id");
    if !is_merchant(&merchant) {
        return Err(Refusal(-9, vec![("merchant_id", "The merchant id may not be other than 36 characters.")]));
    }
    let authority = text(body, "authority");
    match operation {
        Operation::Request => request(state, merchant, body),
        Operation::Verify => {
            let amount =
                number(body, "amount").ok_or(Refusal(-9, vec![("amount", "The amount must be an integer.")]))?;
            let (code, payment) = state.verify(&merchant, &authority, amount)?;
            let message = if code == 100 { "Verified" } else { "Paid" };
            let number = payment.number;
            Ok(json!({
                "code": code, "message": message, "ref_id": number, "fee_type": "Merchant", "fee": 0,
                "card_pan": "502229******5995", "card_hash": format!("{number:064X}"),
            }))
        }
        Operation::Inquiry => {
            let payment = state.payments.get(&authority).ok_or(-54)?;
            if payment.merchant != merchant {
                return Err(Refusal::from(-53));
            }
            Ok(json!({ "code": 100, "message": "Success", "status": payment.status.word() }))
        }
        Operation::Reverse => {
            state.reverse(&merchant, &authority)?;
            Ok(json!({ "code": 100, "message": "Reversed" }))
        }
        _ => {
            let paid = state.payments.iter().filter(|(_, row)| row.merchant == merchant && row.status == Status::Paid);
            let rows: Vec<Value> = paid
                .take(100)
                .map(|(authority, row)| {
                    json!({
                        "authority": authority, "amount": row.amount, "callback_url": row.callback, "referer": "/",
                        "date": "2026-01-01 00:00:00",
                    })
                })
                .collect();
            Ok(json!({ "code": 100, "message": "Success", "authorities": rows }))
        }
    }
}

fn request(state: &mut State, merchant: String, body: &Value) -> Answer {
    let currency = match &body["currency"] {
        Value::Null => "IRR".to_owned(),
        _ => text(body, "currency"),
    };
    let (description, callback) = (text(body, "description"), text(body, "callback_url"));
    let least = if currency == "IRT" { 100 } else { 1_000 };
    let mut wrong = Vec::new();
    if !matches!(currency.as_str(), "IRR" | "IRT") {
        wrong.push(("currency", "The currency is invalid."));
    }
    if number(body, "amount").is_none_or(|amount| amount < least) {
        wrong.push(("amount", "The amount must be at least 1000 rials."));
    }
    if !(1..=500).contains(&description.chars().count()) {
        wrong.push(("description", "The description must have 1 to 500 characters."));
    }
    if !url::Url::parse(&callback).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
        wrong.push(("callback_url", "The callback url format is invalid."));
    }
    if !matches!(&body["metadata"], Value::Null | Value::Object(_) | Value::Array(_)) {
        wrong.push(("metadata", "The metadata must be an array."));
    }
    let Some(amount) = number(body, "amount").filter(|_| wrong.is_empty()) else { return Err(Refusal(-9, wrong)) };
    let order = Some(text(&body["metadata"], "order_id")).filter(|order| !order.is_empty());
    let authority = state.begin(Asked { merchant, amount, currency, description, callback, order });
    Ok(json!({ "code": 100, "message": "Success", "authority": authority, "fee_type": "Merchant", "fee": 0 }))
}

/// The five groups of a UUID.
fn is_merchant(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn text(body: &Value, name: &str) -> String {
    match &body[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn number(body: &Value, name: &str) -> Option<u64> {
    body[name].as_u64().or_else(|| body[name].as_str()?.parse().ok())
}

fn meaning(code: i64) -> &'static str {
    match code {
        -9 => "The input params invalid, validation error.",
        -10 => "Terminal is not valid, please check merchant_id or ip address.",
        -11 => "Terminal is not active, please contact our support team.",
        -12 => "To many attempts, please try again later.",
        -14 => "The callback URL domain does not match the registered terminal domain.",
        -15 => "Terminal user is suspend, please contact our support team.",
        -50 => "Session is not valid, amounts values is not the same.",
        -51 => "Session is not valid, session is not active paid try.",
        -52 => "Oops!!, please contact our support team.",
        -53 => "Session is not this merchant_id session.",
        -54 => "Invalid authority.",
        -60 => "Session can not be reversed with bank.",
        -61 => "Session is not in success status, or was reversed before.",
        -62 => "Terminal ip limit must be active.",
        -63 => "Maximum time for reverse this session is expired.",
        _ => "Error.",
    }
}
