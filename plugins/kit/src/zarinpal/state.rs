//! The sandbox's books.

use std::collections::BTreeMap;

use rand::Rng as _;
use serde::Serialize;

use crate::What;
use crate::faults::Faults;
use crate::ledger::Ledger;

/// Where a payment is, in Zarinpal's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// The buyer is at the bank.
    InBank,
    /// Paid, and not verified.
    Paid,
    /// Paid and verified.
    Verified,
    /// Failed, or given up.
    Failed,
    /// Turned back.
    Reversed,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::InBank => "IN_BANK",
            Self::Paid => "PAID",
            Self::Verified => "VERIFIED",
            Self::Failed => "FAILED",
            Self::Reversed => "REVERSED",
        }
    }
}

#[derive(Debug)]
pub(super) struct Payment {
    pub(super) merchant: String,
    /// As it was asked for, in `currency`.
    pub(super) amount: u64,
    pub(super) currency: String,
    pub(super) description: String,
    pub(super) callback: String,
    pub(super) order: Option<String>,
    pub(super) status: Status,
    /// The number of the transaction, once it is paid.
    pub(super) number: u64,
    pub(super) refunded: u64,
    paid_at: u64,
}

impl Payment {
    pub(super) fn rials(&self) -> u64 {
        if self.currency == "IRT" { self.amount.saturating_mul(10) } else { self.amount }
    }

    fn back(&self, authority: &str, status: &str) -> String {
        let joint = if self.callback.contains('?') { '&' } else { '?' };
        format!("{}{joint}Authority={authority}&Status={status}", self.callback)
    }
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) payments: BTreeMap<String, Payment>,
    pub(super) ledger: Ledger,
    pub(super) faults: Faults,
    pub(super) minutes_passed: u64,
}

/// What may be asked for.
pub(super) struct Asked {
    pub(super) merchant: String,
    pub(super) amount: u64,
    pub(super) currency: String,
    pub(super) description: String,
    pub(super) callback: String,
    pub(super) order: Option<String>,
}

/// How long a payment can be reversed, in minutes.
const REVERSIBLE: u64 = 30;

impl State {
    /// Begins a payment, and answers its authority: 36 characters that nobody can guess.
    pub(super) fn begin(&mut self, asked: Asked) -> String {
        let letters = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let random = (0..35).map(|_| char::from(letters[rand::rng().random_range(0..letters.len())]));
        let authority: String = std::iter::once('S').chain(random).collect();
        let Asked { merchant, amount, currency, description, callback, order } = asked;
        let payment = Payment {
            merchant,
            amount,
            currency,
            description,
            callback,
            order,
            status: Status::InBank,
            number: 0,
            refunded: 0,
            paid_at: 0,
        };
        self.payments.insert(authority.clone(), payment);
        self.note(What::Requested, &authority);
        authority
    }

    /// The buyer pays, as often as they press: the second time changes nothing.
    pub(super) fn pay(&mut self, authority: &str) -> Option<String> {
        let (number, now) = (100_000 + self.ledger.entries().len() as u64, self.minutes_passed);
        let payment = self.payments.get_mut(authority)?;
        let back = payment.back(authority, "OK");
        if payment.status == Status::InBank {
            (payment.status, payment.number, payment.paid_at) = (Status::Paid, number, now);
            self.note(What::Paid, authority);
        }
        Some(back)
    }

    pub(super) fn give_up(&mut self, authority: &str) -> Option<String> {
        let payment = self.payments.get_mut(authority)?;
        let back = payment.back(authority, "NOK");
        if payment.status == Status::InBank {
            payment.status = Status::Failed;
            self.note(What::Failed, authority);
        }
        Some(back)
    }

    /// 100 or 101 with the payment, or a code of refusal.
    pub(super) fn verify(&mut self, merchant: &str, authority: &str, amount: u64) -> Result<(i64, &Payment), i64> {
        let payment = self.payments.get_mut(authority).ok_or(-54)?;
        if payment.merchant != merchant {
            return Err(-53);
        }
        if !matches!(payment.status, Status::Paid | Status::Verified) {
            return Err(-51);
        }
        if payment.amount != amount {
            return Err(-50);
        }
        let code = if payment.status == Status::Paid { 100 } else { 101 };
        payment.status = Status::Verified;
        if code == 100 {
            self.note(What::Verified, authority);
        }
        Ok((code, &self.payments[authority]))
    }

    pub(super) fn reverse(&mut self, merchant: &str, authority: &str) -> Result<(), i64> {
        let now = self.minutes_passed;
        let payment = self.payments.get_mut(authority).ok_or(-54)?;
        if payment.merchant != merchant {
            return Err(-53);
        }
        if !matches!(payment.status, Status::Paid | Status::Verified) || payment.refunded > 0 {
            return Err(-61);
        }
        if now - payment.paid_at > REVERSIBLE {
            return Err(-63);
        }
        payment.status = Status::Reversed;
        self.note(What::Reversed, authority);
        Ok(())
    }

    /// Gives back some of a payment, in rials; the number of the refund, or why not.
    pub(super) fn refund(&mut self, number: u64, rials: u64) -> Result<usize, &'static str> {
        let found = self.payments.iter_mut().find(|(_, payment)| number != 0 && payment.number == number);
        let (authority, payment) = found.ok_or("The session was not found.")?;
        if payment.status != Status::Verified {
            return Err("The session is not verified.");
        }
        if rials < 20_000 {
            return Err("The amount is below the minimum of 20000.");
        }
        if payment.refunded + rials > payment.rials() {
            return Err("The amount is more than what is left of the session.");
        }
        payment.refunded += rials;
        let (authority, order) = (authority.clone(), payment.order.clone());
        self.ledger.note(What::Refunded, &authority, order.as_deref(), rials);
        Ok(self.ledger.entries().len())
    }

    fn note(&mut self, what: What, authority: &str) {
        let payment = &self.payments[authority];
        self.ledger.note(what, authority, payment.order.as_deref(), payment.rials());
    }
}
