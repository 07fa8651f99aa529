//! Which step of an order is legal, and what it does to stock, coupons and money. One pure function; the table of all that
//! it allows is in `transitions.txt`, written by the test below and reviewed like code.

use std::fmt;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its word, in the database and the API.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What the word means.
            #[must_use]
            pub fn read(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Where an order is.
    OrderStatus {
        /// Something is still to be done.
        Open = "open",
        /// Paid and shipped.
        Completed = "completed",
        /// Called off.
        Cancelled = "cancelled",
        /// Not paid in time.
        Expired = "expired",
    }
}

words! {
    /// Where its money is.
    PaymentStatus {
        /// With the buyer.
        Unpaid = "unpaid",
        /// A payment is under way.
        Pending = "pending",
        /// Promised.
        Authorized = "authorized",
        /// With the store.
        Paid = "paid",
        /// Some of it was given back.
        PartiallyRefunded = "partially_refunded",
        /// All of it was given back.
        Refunded = "refunded",
        /// With the store, which must give it back.
        RefundDue = "refund_due",
    }
}

words! {
    /// Where its goods are.
    FulfilmentStatus {
        /// All with the store.
        Unfulfilled = "unfulfilled",
        /// Some have left.
        Partial = "partial",
        /// All have left.
        Fulfilled = "fulfilled",
    }
}

words! {
    /// What can happen to an order. Its word is what the order would become.
    Step {
        /// The buyer begins to pay.
        StartPayment = "pending",
        /// The buyer begins to pay, and a line is short.
        RunShort = "cancelled (out of stock)",
        /// The money is promised.
        Authorize = "authorized",
        /// The money is there.
        Capture = "paid",
        /// The payment came to nothing.
        FailPayment = "unpaid",
        /// The promise of money is let go.
        Void = "cancelled (voided)",
        /// The buyer or staff calls it off.
        Cancel = "cancelled",
        /// Its time is over.
        Expire = "expired",
        /// The buyer came back from paying after its time was over, and stock and coupons could be had again.
        Reopen = "pending (reopened)",
        /// The money came when nothing was promised any more, and stock and coupons could be had again.
        Revive = "paid (revived)",
        /// Money came that it has no use for and that can't be given back at once.
        OweRefund = "refund_due",
        /// Some of the goods leave.
        ShipSome = "partial",
        /// The last of the goods leave.
        ShipAll = "fulfilled",
        /// Some of the money is given back.
        RefundSome = "partially_refunded",
        /// All of the money is given back.
        RefundAll = "refunded",
        /// Staff removes it from sight.
        Delete = "deleted",
    }
}

words! {
    /// What a step does to stock.
    StockEffect {
        /// Nothing.
        None = "-",
        /// Promises every line.
        Reserve = "reserve",
        /// Turns what is promised into what is sold.
        Deduct = "deduct",
        /// Sells every line anew.
        TakeAgain = "take again",
        /// Ends the promise.
        Release = "release",
        /// Puts back what was sold and not shipped.
        PutBack = "put back",
    }
}

words! {
    /// What a step does to the uses of coupons.
    CouponEffect {
        /// Nothing.
        None = "-",
        /// Gives them back.
        GiveBack = "give back",
        /// Takes them again.
        TakeAgain = "take again",
    }
}

words! {
    /// What a step asks of the payment.
    MoneyEffect {
        /// Nothing.
        None = "-",
        /// The payment that is under way is given up.
        GiveUp = "give up",
        /// The promise of money is let go.
        Void = "void",
        /// What was captured and not yet refunded is to be given back.
        Refund = "refund",
    }
}

/// The three words of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct State {
    /// Where the order is.
    pub status: OrderStatus,
    /// Where its money is.
    pub payment: PaymentStatus,
    /// Where its goods are.
    pub fulfilment: FulfilmentStatus,
}

impl State {
    /// That of an order which was just made.
    pub const NEW: Self =
        Self { status: OrderStatus::Open, payment: PaymentStatus::Unpaid, fulfilment: FulfilmentStatus::Unfulfilled };
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}, {}", self.status, self.payment, self.fulfilment)
    }
}

/// What a step leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Where the order is then.
    pub state: State,
    /// What becomes of stock.
    pub stock: StockEffect,
    /// What becomes of the uses of coupons.
    pub coupon: CouponEffect,
    /// What becomes of the payment.
    pub money: MoneyEffect,
}

/// What `step` does to an order in `state`; none where it is not legal.
#[must_use]
pub fn step(state: State, step: Step) -> Option<Outcome> {
    use FulfilmentStatus::{Fulfilled, Partial, Unfulfilled};
    use OrderStatus::{Cancelled, Completed, Expired, Open};
    use PaymentStatus::{Authorized, Paid, PartiallyRefunded, Pending, RefundDue, Refunded, Unpaid};
    use StockEffect::{Deduct, PutBack, Release, Reserve, TakeAgain};
    let State { status, payment, fulfilment } = state;
    let to = |status, payment, fulfilment| Outcome {
        state: State { status, payment, fulfilment },
        stock: StockEffect::None,
        coupon: CouponEffect::None,
        money: MoneyEffect::None,
    };
    let back = |outcome: Outcome| Outcome { coupon: CouponEffect::GiveBack, ..outcome };
    let stock = |stock, outcome: Outcome| Outcome { stock, ..outcome };
    let money = |money, outcome: Outcome| Outcome { money, ..outcome };
    Some(match (step, status, payment, fulfilment) {
        (Step::StartPayment, Open, Unpaid, Unfulfilled) => stock(Reserve, to(Open, Pending, Unfulfilled)),
        (Step::RunShort, Open, Unpaid, Unfulfilled) => back(to(Cancelled, Unpaid, Unfulfilled)),
        (Step::Authorize, Open, Pending, Unfulfilled) => stock(Deduct, to(Open, Authorized, Unfulfilled)),
        (Step::Capture, Open, Pending, Unfulfilled) => stock(Deduct, to(Open, Paid, Unfulfilled)),
        (Step::Capture, Open, Authorized, Fulfilled) => to(Completed, Paid, Fulfilled),
        (Step::Capture, Open, Authorized, _) => to(Open, Paid, fulfilment),
        // What has left is to be paid for, whatever became of the rest.
        (Step::Capture, Cancelled, Authorized, Partial) => to(Cancelled, Paid, Partial),
        (Step::FailPayment, Open, Pending, Unfulfilled) => stock(Release, to(Open, Unpaid, Unfulfilled)),
        (Step::Void, Open, Authorized, Unfulfilled) => back(stock(PutBack, to(Cancelled, Unpaid, Unfulfilled))),

        (Step::Cancel, Open, Unpaid, Unfulfilled) => back(to(Cancelled, Unpaid, Unfulfilled)),
        (Step::Cancel | Step::Delete, Open, Pending, Unfulfilled) => {
            money(MoneyEffect::GiveUp, back(stock(Release, to(Cancelled, Unpaid, Unfulfilled))))
        }
        (Step::Cancel | Step::Delete, Open, Authorized, Unfulfilled) => {
            money(MoneyEffect::Void, back(stock(PutBack, to(Cancelled, Unpaid, Unfulfilled))))
        }
        (Step::Cancel, Open, Paid | PartiallyRefunded, Unfulfilled) => {
            money(MoneyEffect::Refund, back(stock(PutBack, to(Cancelled, RefundDue, Unfulfilled))))
        }
        (Step::Cancel, Open, Refunded, Unfulfilled) => back(stock(PutBack, to(Cancelled, Refunded, Unfulfilled))),

        (Step::Expire, Open, Unpaid, Unfulfilled) => back(to(Expired, Unpaid, Unfulfilled)),
        (Step::Expire, Open, Pending, Unfulfilled) => {
            money(MoneyEffect::GiveUp, back(stock(Release, to(Expired, Unpaid, Unfulfilled))))
        }
        (Step::Revive, Expired, Unpaid, Unfulfilled) => {
            Outcome { coupon: CouponEffect::TakeAgain, ..stock(TakeAgain, to(Open, Paid, Unfulfilled)) }
        }
        (Step::Revive, Open, Unpaid, Unfulfilled) => stock(TakeAgain, to(Open, Paid, Unfulfilled)),
        (Step::Reopen, Expired, Unpaid, Unfulfilled) => {
            Outcome { coupon: CouponEffect::TakeAgain, ..stock(Reserve, to(Open, Pending, Unfulfilled)) }
        }
        (Step::OweRefund, Cancelled | Expired, Unpaid | Refunded | RefundDue, Unfulfilled) => {
            to(status, RefundDue, Unfulfilled)
        }

        (Step::ShipSome, Open, Authorized | Paid | PartiallyRefunded, Unfulfilled | Partial) => {
            to(Open, payment, Partial)
        }
        (Step::ShipAll, Open, Authorized, Unfulfilled | Partial) => to(Open, Authorized, Fulfilled),
        (Step::ShipAll, Open, Paid | PartiallyRefunded, Unfulfilled | Partial) => to(Completed, payment, Fulfilled),

        (Step::RefundSome, Open | Completed, Paid | PartiallyRefunded, _) => to(status, PartiallyRefunded, fulfilment),
        (Step::RefundAll, Open | Completed, Paid | PartiallyRefunded, _) => to(status, Refunded, fulfilment),
        (Step::RefundSome, Cancelled | Expired, RefundDue, _) => to(status, RefundDue, fulfilment),
        (Step::RefundAll, Cancelled | Expired, RefundDue, _) => to(status, Refunded, fulfilment),
        (Step::RefundSome, Cancelled, Paid | PartiallyRefunded, _) => to(status, PartiallyRefunded, fulfilment),
        (Step::RefundAll, Cancelled, Paid | PartiallyRefunded, _) => to(status, Refunded, fulfilment),

        (Step::Delete, Open, Unpaid, Unfulfilled) => back(to(Cancelled, Unpaid, Unfulfilled)),
        // The money stays where it is: giving it back is a step of its own, that needs another permission.
        (Step::Delete, Open, Authorized | Paid | PartiallyRefunded | Refunded, Partial | Unfulfilled) => {
            back(stock(PutBack, to(Cancelled, payment, fulfilment)))
        }
        (Step::Delete, Open | Completed | Cancelled | Expired, _, _) => to(status, payment, fulfilment),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;

    use super::*;

    fn reachable() -> BTreeSet<State> {
        let (mut known, mut new) = (BTreeSet::from([State::NEW]), vec![State::NEW]);
        while let Some(state) = new.pop() {
            for outcome in Step::ALL.iter().filter_map(|event| step(state, *event)) {
                if known.insert(outcome.state) {
                    new.push(outcome.state);
                }
            }
        }
        known
    }

    #[test]
    fn the_table_of_steps_is_as_it_was_reviewed() {
        let mut table = String::from(
            "# What each step does to an order that can be so. What is not here is refused.\n\
             # status, payment, fulfilment | step | becomes | stock | coupons | money\n",
        );
        for state in reachable() {
            for event in Step::ALL {
                let Some(outcome) = step(state, *event) else { continue };
                let Outcome { state: next, stock, coupon, money } = outcome;
                writeln!(table, "{state} | {event:?} | {next} | {stock} | {coupon} | {money}").unwrap();
            }
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/orders/transitions.txt");
        if std::env::var_os("STOA_ACCEPT").is_some() {
            std::fs::write(path, &table).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(table == committed, "review and commit, with STOA_ACCEPT=1:\n{table}");
    }

    #[test]
    fn every_step_can_happen_and_what_is_over_stays_over() {
        let reachable = reachable();
        for event in Step::ALL {
            assert!(reachable.iter().any(|state| step(*state, *event).is_some()), "{event:?} can never happen");
        }
        for state in &reachable {
            for event in Step::ALL {
                let Some(outcome) = step(*state, *event) else { continue };
                let over = matches!(state.status, OrderStatus::Cancelled | OrderStatus::Completed);
                assert!(!over || outcome.state.status == state.status, "{state}: {event:?}");
                assert!(outcome.state.fulfilment >= state.fulfilment, "what has left does not come back by itself");
            }
        }
    }

    /// What holds of an order's stock, by its words: whether something is promised to it, and whether it took something.
    fn holds(state: State) -> (bool, bool) {
        let promised = state.payment == PaymentStatus::Pending;
        let over = matches!(state.status, OrderStatus::Cancelled | OrderStatus::Expired);
        let money = matches!(
            state.payment,
            PaymentStatus::Authorized
                | PaymentStatus::Paid
                | PaymentStatus::PartiallyRefunded
                | PaymentStatus::Refunded
        );
        (promised, money && !over)
    }

    #[test]
    fn stock_follows_the_words() {
        for state in reachable() {
            for event in Step::ALL {
                let Some(outcome) = step(state, *event) else { continue };
                let expected = match (holds(state), holds(outcome.state)) {
                    (before, after) if before == after => StockEffect::None,
                    ((false, false), (true, false)) => StockEffect::Reserve,
                    ((true, false), (false, true)) => StockEffect::Deduct,
                    ((true, false), (false, false)) => StockEffect::Release,
                    ((false, true), (false, false)) => StockEffect::PutBack,
                    ((false, false), (false, true)) => StockEffect::TakeAgain,
                    other => panic!("{state}: {event:?}: {other:?}"),
                };
                assert_eq!(outcome.stock, expected, "{state}: {event:?}");
                let ends = state.status == OrderStatus::Open
                    && matches!(outcome.state.status, OrderStatus::Cancelled | OrderStatus::Expired);
                assert_eq!(outcome.coupon == CouponEffect::GiveBack, ends, "{state}: {event:?}");
            }
        }
    }
}
