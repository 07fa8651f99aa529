//! Which step of a payment is legal. The table is in `transitions.txt`, written by the test below and reviewed like code.

use crate::orders::machine::words;

words! {
    /// Where a payment is.
    PaymentState {
        /// It is written down; its gateway knows nothing of it yet.
        Created = "created",
        /// The buyer is at the gateway.
        Pending = "pending",
        /// The money is promised.
        Authorized = "authorized",
        /// The money is there.
        Captured = "captured",
        /// The promise was let go.
        Voided = "voided",
        /// It came to nothing.
        Failed = "failed",
        /// It was given up.
        Cancelled = "cancelled",
        /// Its gateway did not say what became of it.
        Indeterminate = "indeterminate",
        /// Some of the money was given back.
        PartiallyRefunded = "partially_refunded",
        /// All of the money was given back.
        Refunded = "refunded",
    }
}

words! {
    /// What can happen to a payment. Its word is what the payment would become.
    PaymentStep {
        /// The buyer is sent to the gateway.
        Present = "pending",
        /// The buyer came back after all.
        Reopen = "pending (reopened)",
        /// The gateway promises the money.
        Authorize = "authorized",
        /// The gateway has the money, whatever was thought of it before.
        Capture = "captured",
        /// The promise is let go.
        Void = "voided",
        /// What was promised for a payment that came to nothing is let go.
        LetGo = "voided (let go)",
        /// The gateway says no.
        Fail = "failed",
        /// Nobody waits for it any more.
        GiveUp = "cancelled",
        /// The gateway does not answer.
        LoseSight = "indeterminate",
        /// Some of the money is given back.
        RefundSome = "partially_refunded",
        /// All of it is given back.
        RefundAll = "refunded",
    }
}

/// What `step` makes of a payment in `state`; none where it is not legal.
#[must_use]
pub fn step(state: PaymentState, step: PaymentStep) -> Option<PaymentState> {
    use PaymentState::{
        Authorized, Cancelled, Captured, Created, Failed, Indeterminate, PartiallyRefunded, Pending, Refunded, Voided,
    };
    Some(match (step, state) {
        (PaymentStep::Present, Created | Indeterminate) => Pending,
        // Its order's time was over, and stock and coupons could be had again.
        (PaymentStep::Reopen, Cancelled) => Pending,
        (PaymentStep::Authorize, Created | Pending | Indeterminate) => Authorized,
        // Money that comes after all is money.
        (PaymentStep::Capture, Created | Pending | Indeterminate | Authorized | Failed | Cancelled | Voided) => {
            Captured
        }
        (PaymentStep::Void, Authorized) => Voided,
        (PaymentStep::LetGo, Failed | Cancelled) => Voided,
        (PaymentStep::Fail, Created | Pending | Indeterminate) => Failed,
        (PaymentStep::GiveUp, Created | Pending | Indeterminate) => Cancelled,
        (PaymentStep::LoseSight, Created | Pending) => Indeterminate,
        (PaymentStep::RefundSome, Captured | PartiallyRefunded) => PartiallyRefunded,
        (PaymentStep::RefundAll, Captured | PartiallyRefunded) => Refunded,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn the_table_of_steps_is_as_it_was_reviewed() {
        let mut table = String::from(
            "# What each step makes of a payment. What is not here is refused.\n# status | step | becomes\n",
        );
        for state in PaymentState::ALL {
            for event in PaymentStep::ALL {
                if let Some(next) = step(*state, *event) {
                    writeln!(table, "{state} | {event:?} | {next}").unwrap();
                }
            }
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/payments/transitions.txt");
        if std::env::var_os("STOA_ACCEPT").is_some() {
            std::fs::write(path, &table).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(table == committed, "review and commit, with STOA_ACCEPT=1:\n{table}");
    }
}
