//! The bank's page.

use poem::http::StatusCode;
use poem::web::{Data, Form, Path};
use poem::{Response, handler};
use serde::Deserialize;

use super::Shared;
use super::state::Status;
use crate::page::{choices, page, see_other};
use crate::visit::visit;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Button {
    Pay,
    PayTwice,
    PayAndStay,
    GiveUp,
}

#[derive(Deserialize)]
struct Pressed {
    r#do: Button,
}

#[handler]
pub(super) fn show(Data(shared): Data<&Shared>, Path(authority): Path<String>) -> Response {
    let state = shared.lock();
    let Some(payment) = state.payments.get(&authority) else { return unknown() };
    if payment.status != Status::InBank {
        return page(StatusCode::OK, "This payment is over", &format!("<p>It is {}.</p>", payment.status.word()));
    }
    let amount = format!("{} {}", payment.amount, payment.currency);
    let facts = [
        ("Amount", amount.as_str()),
        ("For", &payment.description),
        ("Order", payment.order.as_deref().unwrap_or("–")),
    ];
    let buttons = [
        ("pay", "Pay"),
        ("give-up", "Give up"),
        ("pay-and-stay", "Pay, and never go back to the shop"),
        ("pay-twice", "Pay, and go back to the shop twice"),
    ];
    page(StatusCode::OK, "Zarinpal's sandbox", &choices(&facts, &buttons))
}

#[handler]
pub(super) async fn press(
    Data(shared): Data<&Shared>,
    Path(authority): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Response {
    let back = match pressed.r#do {
        Button::GiveUp => shared.lock().give_up(&authority),
        _ => shared.lock().pay(&authority),
    };
    let Some(back) = back else { return unknown() };
    match pressed.r#do {
        Button::PayAndStay => page(StatusCode::OK, "Paid", "<p>The shop has not been told. Close this page.</p>"),
        Button::PayTwice => {
            if let Err(why) = visit(&back).await {
                tracing::warn!("The shop could not be visited: {why}");
            }
            see_other(&back)
        }
        Button::Pay | Button::GiveUp => see_other(&back),
    }
}

fn unknown() -> Response {
    page(StatusCode::NOT_FOUND, "There is no such payment", "<p>The sandbox forgets payments when it is stopped.</p>")
}
