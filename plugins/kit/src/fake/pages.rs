//! The page with the buttons.

use poem::http::StatusCode;
use poem::web::{Data, Form, Path};
use poem::{Response, handler};
use serde::Deserialize;

use super::state::Status;
use super::{Shared, webhooks};
use crate::page::{choices, page, see_other};
use crate::visit::visit;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Button {
    Pay,
    PayTwice,
    PayAndStay,
    Fail,
    Cancel,
}

#[derive(Deserialize)]
struct Pressed {
    r#do: Button,
}

#[handler]
pub(super) fn show(Data(shared): Data<&Shared>, Path(reference): Path<String>) -> Response {
    let state = shared.lock();
    let Some(payment) = state.payments.get(&reference) else { return unknown() };
    if payment.status != Status::Open {
        return page(StatusCode::OK, "This payment is over", "<p>Nothing more is to be done here.</p>");
    }
    let amount = format!("{} {} (minor units)", payment.asked.amount, payment.asked.currency);
    let facts =
        [("Amount", amount.as_str()), ("For", &payment.asked.description), ("Order", &payment.asked.order_number)];
    let buttons = [
        ("pay", "Pay"),
        ("fail", "Fail"),
        ("cancel", "Cancel"),
        ("pay-and-stay", "Pay, and never go back to the shop"),
        ("pay-twice", "Pay twice: press, call and come back two times"),
    ];
    page(StatusCode::OK, "Fake payments", &choices(&facts, &buttons))
}

#[handler]
pub(super) async fn press(
    Data(shared): Data<&Shared>,
    Path(reference): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Response {
    let known = match pressed.r#do {
        Button::Fail => shared.lock().end(&reference, Status::Failed),
        Button::Cancel => shared.lock().end(&reference, Status::Cancelled),
        _ => shared.lock().pay(&reference),
    };
    let back = shared.lock().back(&reference);
    let (true, Some(back)) = (known, back) else { return unknown() };
    webhooks::send(shared, &reference);
    match pressed.r#do {
        Button::PayAndStay => {
            page(StatusCode::OK, "Paid", "<p>Your browser stays here: only a webhook tells the shop.</p>")
        }
        Button::PayTwice => {
            webhooks::send(shared, &reference);
            if let Err(why) = visit(&back).await {
                tracing::warn!("The shop could not be visited: {why}");
            }
            see_other(&back)
        }
        _ => see_other(&back),
    }
}

fn unknown() -> Response {
    page(StatusCode::NOT_FOUND, "There is no such payment", "<p>The provider forgets payments when it is stopped.</p>")
}
