//! Whether it was paid.

use std::collections::BTreeMap;

use super::{Examination, Function, Recording, Verdict, lost, nonsense, pages, unreachable};

const LOST: [&str; 2] = ["not-sent", "indeterminate"];

impl Examination<'_> {
    pub(super) async fn verify(&mut self) {
        let paid =
            self.good(Function::VerifyPayment).into_iter().map(|(_, one)| one).find(|one| {
                one.answer.get("status").is_some_and(|status| status == "captured" || status == "authorized")
            });
        let Some(paid) = paid else {
            self.note(
                "verify/paid",
                "a recording tells of a payment that was paid",
                "`recordings/`: one of `verify-payment` whose answer has the status `captured` or `authorized`",
                Verdict::Bad("there is none".to_owned()),
            );
            return;
        };
        let asks = self.asks(paid).await;
        self.note(
            "verify/asks",
            "nothing in a callback can be believed before the provider was asked: about this payment, by the reference in the books",
            "`verify-payment`: it sends `payment.gateway-reference`, and no name out of the query",
            asks,
        );
        let believed = self.believes(paid).await;
        self.note(
            "verify/believes-nobody",
            "money that nobody but the provider can know of is not `captured` on a browser's word",
            "`verify-payment`: what happens when the query says that all is well, and the provider can't be asked",
            believed,
        );
        let other = self.other(paid).await;
        self.note(
            "verify/another-payment",
            "a callback that names another payment is `unauthentic`, or is not looked at",
            "`verify-payment`: compare what the query names with `payment.gateway-reference`",
            other,
        );
        let sum = self.sum(paid).await;
        self.note(
            "verify/sum",
            "`amount` is what the provider says was paid, or what it was asked about: Stoa compares it with its books. A gateway that \
             repeats `expected` unasked vouches for money that it has not seen",
            "`verify-payment`: send the amount to be checked, or answer the amount that the provider names",
            sum,
        );
        let twice = self.one_transaction(paid).await;
        self.note(
            "verify/twice",
            "a payment that is verified twice is one movement of money: `transaction-id` is the same",
            "where `transaction-id` comes from: the provider, never chance or the time",
            twice,
        );
        let hostile = self.hostile(paid).await;
        self.note(
            "verify/hostile-callback",
            "a callback may hold anything, or nothing: no trap, and no `internal`",
            "how the query and the body are read",
            hostile,
        );
        for (name, twists) in [
            ("verify/unreachable", unreachable()),
            ("verify/no-answer", lost()),
            ("verify/error-page", pages()),
            ("verify/nonsense", nonsense()),
        ] {
            let verdict = self.wrong(Function::VerifyPayment, false, &twists, &LOST).await;
            self.note(
                name,
                "where the provider does not say what became of the money, a call ends with `indeterminate` or `not-sent`: never \
                 with a payment, and never with one that failed",
                "how the answer is read: only what the provider says in so many words is a result",
                verdict,
            );
        }
    }

    async fn asks(&self, paid: &Recording) -> Verdict {
        if paid.exchanges.is_empty() {
            return Verdict::Untold("it has no provider to ask".to_owned());
        }
        let run = self.loaded.run(paid, None).await;
        match run.sent.iter().any(|sent| sent.whole().contains(&paid.input.reference)) {
            true => Verdict::Good,
            false => Verdict::Bad(format!("no request names `{}`; it answered {}", paid.input.reference, run.shown())),
        }
    }

    async fn believes(&self, paid: &Recording) -> Verdict {
        let mut alone = paid.clone();
        alone.exchanges.clear();
        let run = self.loaded.run(&alone, None).await;
        let promised = run.status() == "authorized" && self.loaded.info().allowed_hosts.is_empty();
        match run.paid() && !promised {
            true => Verdict::Bad(format!("with nobody to ask it answered {}", run.shown())),
            false => Verdict::Good,
        }
    }

    async fn other(&self, paid: &Recording) -> Verdict {
        if paid.input.query.is_empty() {
            return Verdict::Untold("its callbacks have no query".to_owned());
        }
        let mut other = paid.clone();
        for value in other.input.query.values_mut().filter(|value| **value == paid.input.reference) {
            *value = format!("{}0", paid.input.reference);
        }
        let run = self.loaded.run(&other, None).await;
        let own = run.sent.iter().all(|sent| !sent.whole().contains(&format!("{}0", paid.input.reference)));
        match run.paid() && !own {
            true => Verdict::Bad(format!("it asked about the other one, and answered {}", run.shown())),
            false => Verdict::Good,
        }
    }

    async fn sum(&self, paid: &Recording) -> Verdict {
        if paid.exchanges.is_empty() {
            return Verdict::Untold("it has no provider to ask".to_owned());
        }
        let mut more = paid.clone();
        more.input.amount = paid.input.amount + 7_777;
        let (before, run) = (self.loaded.run(paid, None).await, self.loaded.run(&more, None).await);
        let sends = before.sent.iter().map(|sent| &sent.body).ne(run.sent.iter().map(|sent| &sent.body));
        match run.paid() && run.answer["amount"] == more.input.amount && !sends {
            true => Verdict::Bad(format!(
                "{} were paid and {} expected: it sent no amount, and answered {}",
                paid.input.amount,
                more.input.amount,
                run.shown()
            )),
            false => Verdict::Good,
        }
    }

    async fn one_transaction(&self, paid: &Recording) -> Verdict {
        let mut later = paid.clone();
        later.now += 60_000;
        let (one, two) = (self.loaded.run(paid, None).await, self.loaded.run(&later, None).await);
        match one.answer["transaction"] == two.answer["transaction"] {
            true => Verdict::Good,
            false => Verdict::Bad(format!("{} and then {}", one.answer["transaction"], two.answer["transaction"])),
        }
    }

    async fn hostile(&self, paid: &Recording) -> Verdict {
        let long = "\u{feff}%00'\"<>".repeat(200);
        let many: BTreeMap<String, String> = (0..200).map(|number| (format!("f{number}"), long.clone())).collect();
        let garbled = paid.input.query.keys().map(|name| (name.clone(), long.clone())).collect();
        for (query, body) in
            [(BTreeMap::new(), String::new()), (many, long.clone()), (garbled, "{\"a\":[[[[".to_owned())]
        {
            let mut odd = paid.clone();
            (odd.input.query, odd.input.body) = (query, body);
            let run = self.loaded.run(&odd, None).await;
            if run.error() == Some("internal") {
                return Verdict::Bad(run.shown());
            }
        }
        Verdict::Good
    }
}
