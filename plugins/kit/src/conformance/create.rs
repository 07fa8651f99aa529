//! Beginning a payment.

use serde_json::Value;
use uuid::Uuid;

use super::desk::{Sent, Twist};
use super::{Examination, Function, Recording, Verdict, lost, nonsense, pages, unreachable};

/// What a buyer or a shop may write, and what must not be taken for a part of a request.
const AWKWARD: [&str; 4] = [
    "\",\"stoa_injected\":\"x",
    "a&stoa_injected=1\r\nstoa_injected: 1",
    "\u{202e}\u{0}کتاب‌ها 📚 <script>stoa</script> ${stoa} {{stoa}} %s %00",
    "\\\\\\\"\\u0000",
];

const LOST: [&str; 2] = ["not-sent", "indeterminate"];

impl Examination<'_> {
    pub(super) async fn create(&mut self) {
        let Some(recording) = self.first(Function::CreatePayment) else { return };
        let twice = self.twice(recording).await;
        self.note(
            "create/same-twice",
            "asked twice with one payment id, a gateway makes one payment: it sends its provider the same both times, so that a key \
             of idempotency is one key",
            "what stands in the request: nothing of chance or of the time where the provider takes a key, but `payment-id`",
            twice,
        );
        let another = self.another(recording).await;
        self.note(
            "create/another-payment",
            "`gateway-reference` is never used for another payment",
            "where the reference comes from: the provider's answer, or `payment-id`; never `order-number`",
            another,
        );
        let foreign = self.foreign(recording).await;
        self.note(
            "create/foreign-currency",
            "a currency that `describe` does not name is `invalid-request`, and nothing is sent",
            "the first lines of `create-payment`",
            foreign,
        );
        for (name, amount) in [("create/least", 1), ("create/most", 999_999_999_999_999)] {
            let mut odd = recording.clone();
            odd.input.amount = amount;
            let run = self.loaded.run(&odd, None).await;
            let good = matches!(run.error(), None | Some("invalid-request" | "rejected" | "not-sent"));
            self.note(
                name,
                "amounts are 1 to 999 999 999 999 999 minor units; one that the provider does not take is `invalid-request`",
                "arithmetic with the amount: checked, in whole numbers; bounds before anything is sent",
                if good { Verdict::Good } else { Verdict::Bad(format!("of {amount} it answered {}", run.shown())) },
            );
        }
        let awkward = self.awkward(recording).await;
        self.note(
            "create/awkward-texts",
            "texts of buyers and shops may hold anything: they stay texts in what is sent, and never become a part of it",
            "how requests are written: by a library of JSON or forms, never by pasting texts together",
            awkward,
        );
        let mut unknown = recording.clone();
        (unknown.input.customer_email, unknown.input.customer_phone) = (None, None);
        let run = self.loaded.run(&unknown, None).await;
        self.note(
            "create/nobody-known",
            "the buyer's e-mail address and telephone are there if they are known",
            "`customer-email` and `customer-phone`: leave out what is not there",
            if run.error().is_none() { Verdict::Good } else { Verdict::Bad(run.shown()) },
        );
        let told = self.tells_secrets(recording).await;
        self.note(
            "create/keeps-secrets",
            "a secret, or the word that stands for it, means something in what is sent only: not in a reference, an address or a state",
            "what is put into the session",
            told,
        );
        let pages: Vec<Twist> = pages();
        for (name, twists) in [
            ("create/unreachable", unreachable()),
            ("create/no-answer", lost()),
            ("create/error-page", pages),
            ("create/nonsense", nonsense()),
            ("create/too-large", vec![Twist::Unfetched(host::Unfetched::TooLarge)]),
        ] {
            let verdict = self.wrong(Function::CreatePayment, false, &twists, &LOST).await;
            self.note(
                name,
                "where the provider was not reached, or does not say what it did, a call ends with `not-sent` (it surely did \
                 nothing) or `indeterminate` (it may have): never with a session, a refusal or a trap",
                "how the answer is read: its status, whether it is JSON at all, and each field that is used",
                verdict,
            );
        }
    }

    pub(super) async fn twice(&self, recording: &Recording) -> Verdict {
        let first = self.loaded.run(recording, None).await;
        let second = self.loaded.run(recording, None).await;
        let differs = first.sent.iter().zip(&second.sent).find(|(one, other)| one.whole() != other.whole());
        if let Some((one, other)) = differs {
            return Verdict::Bad(format!("{}\nand then {}", one.whole(), other.whole()));
        }
        if first.answer["reference"] != second.answer["reference"] {
            return Verdict::Bad(format!("{}\nand then {}", first.shown(), second.shown()));
        }
        Verdict::Good
    }

    async fn another(&self, recording: &Recording) -> Verdict {
        if !recording.exchanges.is_empty() {
            return Verdict::Untold("the reference is the provider's".to_owned());
        }
        let mut other = recording.clone();
        other.input.payment_id = Uuid::from_u128(recording.input.payment_id.as_u128() + 1);
        let (one, two) = (self.loaded.run(recording, None).await, self.loaded.run(&other, None).await);
        match one.answer["reference"] == two.answer["reference"] {
            true => Verdict::Bad(format!("two payments are both {}", one.answer["reference"])),
            false => Verdict::Good,
        }
    }

    async fn foreign(&self, recording: &Recording) -> Verdict {
        let takes = &self.loaded.info().currencies;
        let Some(foreign) = ["EUR", "KWD", "JPY"].into_iter().find(|code| takes.iter().all(|own| own.code() != *code))
        else {
            return Verdict::Untold("it takes them all".to_owned());
        };
        if takes.is_empty() {
            return Verdict::Untold("it takes every currency".to_owned());
        }
        let mut other = recording.clone();
        other.input.currency = foreign.to_owned();
        let run = self.loaded.run(&other, None).await;
        match run.error() == Some("invalid-request") && run.sent.is_empty() {
            true => Verdict::Good,
            false => Verdict::Bad(format!(
                "asked for {foreign} it sent {} requests and answered {}",
                run.sent.len(),
                run.shown()
            )),
        }
    }

    async fn awkward(&self, recording: &Recording) -> Verdict {
        for text in AWKWARD {
            let mut odd = recording.clone();
            let input = &mut odd.input;
            (input.description, input.order_number) = (text.to_owned(), text.chars().take(40).collect());
            (input.customer_email, input.customer_phone) = (Some(format!("{text}@example.com")), Some(text.to_owned()));
            let run = self.loaded.run(&odd, None).await;
            if run.error() == Some("internal") {
                return Verdict::Bad(format!("of {text:?} it answered {}", run.shown()));
            }
            if let Some(sent) = run.sent.iter().find(|sent| injected(sent)) {
                return Verdict::Bad(format!("{text:?} became a part of {}", sent.whole()));
            }
        }
        Verdict::Good
    }

    async fn tells_secrets(&self, recording: &Recording) -> Verdict {
        let run = self.loaded.run(recording, None).await;
        let answer = run.answer.to_string();
        match answer.contains("stoa-secret-") {
            true => Verdict::Bad(run.shown()),
            false => Verdict::Good,
        }
    }
}

fn injected(sent: &Sent) -> bool {
    let of = |name: &str| sent.headers.get("content-type").is_some_and(|kind| kind.contains(name));
    let query = url::Url::parse(&sent.url).is_ok_and(|url| url.query_pairs().any(|(name, _)| name == "stoa_injected"));
    let header = sent.headers.contains_key("stoa_injected");
    let body = if of("json") {
        sent.json().is_none_or(|body| has_key(&body))
    } else {
        url::form_urlencoded::parse(sent.body.as_bytes()).any(|(name, _)| name == "stoa_injected")
    };
    query || header || body
}

fn has_key(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, value)| name == "stoa_injected" || has_key(value)),
        Value::Array(items) => items.iter().any(has_key),
        _ => false,
    }
}
