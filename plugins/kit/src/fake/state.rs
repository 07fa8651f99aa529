//! The provider's books.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rand::Rng as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::What;
use crate::faults::Faults;
use crate::ledger::Ledger;

/// Where a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The buyer has the page.
    Open,
    /// The money is promised.
    Held,
    /// The money is there.
    Paid,
    /// The promise was let go.
    Voided,
    /// The buyer's payment failed.
    Failed,
    /// The buyer gave up.
    Cancelled,
    /// All of it was given back.
    Refunded,
}

/// What a payment is asked for with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) amount: u64,
    pub(super) currency: String,
    pub(super) callback_url: String,
    pub(super) webhook_url: String,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) order_number: String,
    #[serde(default)]
    pub(super) hold: bool,
}

#[derive(Debug)]
pub(super) struct Payment {
    pub(super) account: String,
    pub(super) asked: Asked,
    pub(super) status: Status,
    /// What was taken.
    pub(super) taken: u64,
    refunds: BTreeMap<String, u64>,
    settled: bool,
    expires_at: u64,
}

/// Why something is refused: a status, a code and a sentence.
pub(super) type Refusal = (u16, &'static str, &'static str);

const NONE: Refusal = (404, "payment.none", "there is no such payment");

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) payments: BTreeMap<String, Payment>,
    pub(super) ledger: Ledger,
    pub(super) faults: Faults,
}

pub(super) fn milliseconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// How long a buyer has.
const TIME: Duration = Duration::from_secs(20 * 60);

impl State {
    /// Begins a payment, or finds the one that was begun with this id.
    pub(super) fn begin(&mut self, account: &str, asked: Asked) -> Result<String, Refusal> {
        let same = |payment: &Payment| payment.account == account && payment.asked.id == asked.id;
        if let Some((reference, before)) = self.payments.iter().find(|(_, payment)| same(payment)) {
            let equal = before.asked == asked;
            return equal.then(|| reference.clone()).ok_or((409, "payment.other", "this id began another payment"));
        }
        if asked.amount == 0 || asked.currency.len() != 3 {
            return Err((422, "payment.amount", "there is nothing to pay"));
        }
        let reference = format!("pay_{:032x}", rand::rng().random::<u128>());
        let payment = Payment {
            account: account.to_owned(),
            status: Status::Open,
            taken: 0,
            refunds: BTreeMap::new(),
            settled: false,
            expires_at: milliseconds() + TIME.as_millis() as u64,
            asked,
        };
        let (id, amount) = (payment.asked.id.clone(), payment.asked.amount);
        self.payments.insert(reference.clone(), payment);
        self.ledger.note(What::Requested, &reference, Some(&id), amount);
        Ok(reference)
    }

    /// The buyer pays; the second time changes nothing. Whether there is such a payment.
    pub(super) fn pay(&mut self, reference: &str) -> bool {
        let Some(payment) = self.payments.get_mut(reference) else { return false };
        if payment.status == Status::Open {
            let amount = payment.asked.amount;
            let what = if payment.asked.hold {
                payment.status = Status::Held;
                What::Held
            } else {
                (payment.status, payment.taken) = (Status::Paid, amount);
                What::Paid
            };
            self.note(what, reference, amount);
        }
        true
    }

    /// The buyer's payment ends without money. Whether there is such a payment.
    pub(super) fn end(&mut self, reference: &str, status: Status) -> bool {
        let Some(payment) = self.payments.get_mut(reference) else { return false };
        if payment.status == Status::Open {
            payment.status = status;
            self.note(What::Failed, reference, 0);
        }
        true
    }

    /// Where the buyer's browser goes back to.
    pub(super) fn back(&self, reference: &str) -> Option<String> {
        let callback = &self.payments.get(reference)?.asked.callback_url;
        let joint = if callback.contains('?') { '&' } else { '?' };
        Some(format!("{callback}{joint}reference={reference}"))
    }

    /// The shop knows of it. Answers the payment as it is told to the shop.
    pub(super) fn settle(&mut self, account: &str, reference: &str) -> Result<Value, Refusal> {
        let payment = self.of(account, reference)?;
        let before = payment.settled;
        if payment.status == Status::Paid && !before {
            payment.settled = true;
            let taken = payment.taken;
            self.note(What::Verified, reference, taken);
        }
        let mut told = self.told(reference).ok_or(NONE)?;
        told["settled_before"] = json!(before);
        Ok(told)
    }

    /// Takes some or all of what was promised; the rest is let go.
    pub(super) fn capture(&mut self, account: &str, reference: &str, amount: u64) -> Result<Value, Refusal> {
        let payment = self.of(account, reference)?;
        match payment.status {
            Status::Paid if payment.taken == amount => {}
            Status::Held if (1..=payment.asked.amount).contains(&amount) => {
                (payment.status, payment.taken, payment.settled) = (Status::Paid, amount, true);
                self.note(What::Captured, reference, amount);
            }
            Status::Held => return Err((409, "payment.amount", "so much was not promised")),
            _ => return Err((409, "payment.not_held", "nothing is promised")),
        }
        self.told(reference).ok_or(NONE)
    }

    pub(super) fn void(&mut self, account: &str, reference: &str) -> Result<Value, Refusal> {
        let payment = self.of(account, reference)?;
        match payment.status {
            Status::Voided => {}
            Status::Held | Status::Open => {
                payment.status = Status::Voided;
                self.note(What::Reversed, reference, 0);
            }
            _ => return Err((409, "payment.not_held", "nothing is promised")),
        }
        self.told(reference).ok_or(NONE)
    }

    /// Gives back, once for each id.
    pub(super) fn refund(&mut self, account: &str, reference: &str, id: &str, amount: u64) -> Result<Value, Refusal> {
        let payment = self.of(account, reference)?;
        let answer = json!({ "reference": format!("refund_{id}"), "status": "succeeded", "amount": amount });
        match payment.refunds.get(id) {
            Some(before) if *before == amount => return Ok(answer),
            Some(_) => return Err((409, "refund.other", "this id gave back another amount")),
            None => {}
        }
        let given: u64 = payment.refunds.values().sum();
        if amount == 0 || given.saturating_add(amount) > payment.taken {
            return Err((409, "refund.amount", "so much was not taken"));
        }
        payment.refunds.insert(id.to_owned(), amount);
        if given + amount == payment.taken {
            payment.status = Status::Refunded;
        }
        self.note(What::Refunded, reference, amount);
        Ok(answer)
    }

    pub(super) fn show(&mut self, account: &str, reference: &str) -> Result<Value, Refusal> {
        self.of(account, reference)?;
        self.told(reference).ok_or(NONE)
    }

    pub(super) fn unsettled(&self, account: &str) -> Vec<Value> {
        let rows = self
            .payments
            .iter()
            .filter(|(_, row)| row.account == account && row.status == Status::Paid && !row.settled);
        let told = |(reference, row): (&String, &Payment)| json!({ "reference": reference, "amount": row.taken, "currency": row.asked.currency });
        rows.take(1_000).map(told).collect()
    }

    /// A payment as the shop is told of it.
    pub(super) fn told(&self, reference: &str) -> Option<Value> {
        let payment = self.payments.get(reference)?;
        let money = payment.taken > 0;
        Some(json!({
            "reference": reference,
            "id": payment.asked.id,
            "status": payment.status,
            "amount": if money { payment.taken } else { payment.asked.amount },
            "currency": payment.asked.currency,
            "refunded": payment.refunds.values().sum::<u64>(),
            "transaction": money.then(|| reference.replacen("pay_", "txn_", 1)),
            "instrument": matches!(payment.status, Status::Held | Status::Paid).then_some("424242******4242"),
            "expires_at": payment.expires_at,
        }))
    }

    /// Another account's payment is as missing as one that is nowhere.
    fn of(&mut self, account: &str, reference: &str) -> Result<&mut Payment, Refusal> {
        self.payments.get_mut(reference).filter(|payment| payment.account == account).ok_or(NONE)
    }

    fn note(&mut self, what: What, reference: &str, amount: u64) {
        let id = self.payments.get(reference).map(|payment| payment.asked.id.clone());
        self.ledger.note(what, reference, id.as_deref(), amount);
    }
}
