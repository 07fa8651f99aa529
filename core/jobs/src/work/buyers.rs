//! Letters to buyers: what happened to their orders, of the event that says so.

use domain::events::{self, EventId, EventKind};
use domain::mail::{Language, LetterLine, Mail, OrderNews};
use domain::orders::{self, Order, OrderError, OrderId, OrderLetter, OrderLine, Whose};
use kernel::{Amount, DomainError as _, Text as _};
use serde_json::Value;
use tenants::registry::Store;

use super::events::BUYER;
use super::letters::{post, store};
use crate::{Failure, InStore, Run};

/// What is noted of an event once its letter has left.
const LEFT: &str = "letter_left";

impl Run for OrderLetter {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let id = EventId(self.event);
        let mut tx = at.begin_read().await?;
        let Some(event) = events::event(&mut tx, id).await? else { return Ok(()) };
        // The job was done, and its end was lost.
        if events::was_delivered(&mut tx, id, LEFT, BUYER).await? {
            return Ok(());
        }
        let order = match orders::order(&mut tx, OrderId(event.subject), Whose::Store).await {
            Ok(order) => order,
            Err(OrderError::NoOrder(_)) => return Ok(()),
            Err(other) => return Err(Failure::again(other.code())),
        };
        let store = store(&mut tx).await?;
        drop(tx);
        let letter = EventKind::read(&event.kind).and_then(|kind| written(at, &store, &order, kind, &event.payload));
        // Whoever is forgotten is not written to.
        let Some(letter) = letter else { return Ok(()) };
        post(&at.shared, &letter).await?;
        let mut tx = at.begin().await?;
        events::mark_delivered(&mut tx, id, LEFT, BUYER).await?;
        Ok(tx.commit().await?)
    }
}

fn written(at: &InStore, store: &Store, order: &Order, kind: EventKind, facts: &Value) -> Option<Mail> {
    let to = order.reader()?;
    let lines = match kind {
        EventKind::OrderOutOfStock => short(facts),
        EventKind::OrderFulfilled => left(order, facts),
        _ => order
            .lines
            .iter()
            .map(|line| LetterLine { quantity: line.quantity, name: named(line), left: None })
            .collect(),
    };
    let given_back = facts["amount"]
        .as_i64()
        .and_then(Amount::new)
        .filter(|_| matches!(kind, EventKind::OrderRefunded | EventKind::OrderRefundDue));
    let news = OrderNews {
        kind,
        language: Language::of_tag(store.language.as_str()),
        sender: store.name.as_str(),
        number: order.number,
        lines: &lines,
        sum: (given_back.unwrap_or(order.totals.total), order.currency),
        tracking: facts["tracking"].as_str(),
        link: &link(at, store, order),
    };
    news.write(&to)
}

/// Where the buyer sees the order. That of a visitor holds the token: whoever reads the letter is the one who ordered.
fn link(at: &InStore, store: &Store, order: &Order) -> String {
    let place = format!("{}/orders/{}", at.shared.store_url(store.slug.as_str()), order.id);
    match order.customer {
        Some(_) => place,
        None => format!("{place}?token={}", at.shared.order_tokens.of(at.tenant, order.id)),
    }
}

fn named(line: &OrderLine) -> String {
    let options: Vec<_> = line.options.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if options.is_empty() { line.name.clone() } else { format!("{} ({})", line.name, options.join(", ")) }
}

/// The lines that were short when the event was written.
fn short(facts: &Value) -> Vec<LetterLine> {
    let line = |short: &Value| LetterLine {
        quantity: short["requested"].as_i64().unwrap_or_default(),
        name: short["name"].as_str().unwrap_or_default().to_owned(),
        left: short["available"].as_i64(),
    };
    facts["shortages"].as_array().into_iter().flatten().map(line).collect()
}

/// The lines that left with the event.
fn left(order: &Order, facts: &Value) -> Vec<LetterLine> {
    let line = |gone: &Value| {
        let id = gone["variant_id"].as_str()?;
        let line = order.lines.iter().find(|line| line.variant.to_string() == id)?;
        Some(LetterLine { quantity: gone["quantity"].as_i64()?, name: named(line), left: None })
    };
    facts["lines"].as_array().into_iter().flatten().filter_map(line).collect()
}
