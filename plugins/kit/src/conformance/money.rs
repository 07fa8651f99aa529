//! Taking, letting go, giving back; messages of the provider; asking and listing.

use gateway::Capability;

use super::{Examination, Function, Recording, Verdict, lacks, lost, nonsense, unreachable};

const LOST: [&str; 2] = ["not-sent", "indeterminate"];
const MAY_HAVE: [&str; 1] = ["indeterminate"];
const SAYS_LOST: &str = "where a request that moves money was sent and its answer is lost, a call ends with `indeterminate`: Stoa \
    asks by `inquire`, and repeats neither a charge nor a refund";
const LOOK_LOST: &str = "the request: `.send()` in Rust, `changes: true` in JavaScript, not what is for questions only";
const DAY: u64 = 86_400_000;

impl Examination<'_> {
    pub(super) async fn money(&mut self) {
        self.captures().await;
        self.refunds().await;
        self.webhooks().await;
        for (name, call, capability) in [
            ("inquire/unreachable", Function::Inquire, Capability::Inquiry),
            ("list/unreachable", Function::ListUnverified, Capability::Reconciliation),
        ] {
            let verdict = if self.loaded.can(capability) {
                self.wrong(call, false, &unreachable(), &LOST).await
            } else {
                lacks(capability)
            };
            self.note(
                name,
                "a question that did not reach the provider is `not-sent`",
                "how its errors are read",
                verdict,
            );
        }
        for (name, call, capability) in [
            ("inquire/nonsense", Function::Inquire, Capability::Inquiry),
            ("list/nonsense", Function::ListUnverified, Capability::Reconciliation),
        ] {
            let verdict = if self.loaded.can(capability) { self.unread(call).await } else { lacks(capability) };
            self.note(
                name,
                "an answer that can't be read tells nothing of any payment",
                "how the answer is read: only what the provider says in so many words is a result",
                verdict,
            );
        }
    }

    async fn captures(&mut self) {
        let can = self.loaded.can(Capability::Captures);
        let too_much = if can { self.too_much().await } else { lacks(Capability::Captures) };
        self.note(
            "capture/too-much",
            "more than was promised can't be taken",
            "`capture`: compare the amount with `payment.expected`, or leave it to the provider and read its refusal",
            too_much,
        );
        for (name, call) in [("capture/no-answer", Function::Capture), ("void/no-answer", Function::Void)] {
            let verdict =
                if can { self.wrong(call, true, &lost(), &MAY_HAVE).await } else { lacks(Capability::Captures) };
            self.note(name, SAYS_LOST, LOOK_LOST, verdict);
        }
    }

    async fn too_much(&self) -> Verdict {
        let Some(recording) = self.first(Function::Capture) else {
            return Verdict::Untold("no capture was recorded".to_owned());
        };
        let mut more = recording.clone();
        more.input.part = Some(recording.input.amount + 1);
        more.exchanges.clear();
        let run = self.loaded.run(&more, None).await;
        if run.error().is_some() { Verdict::Good } else { Verdict::Bad(run.shown()) }
    }

    async fn refunds(&mut self) {
        let can = self.loaded.can(Capability::Refunds);
        let no = || lacks(Capability::Refunds);
        let verdict = if can { self.wrong(Function::Refund, false, &unreachable(), &LOST).await } else { no() };
        self.note(
            "refund/unreachable",
            "what did not reach the provider is `not-sent`",
            "how errors of `fetch` are read",
            verdict,
        );
        let verdict = if can { self.wrong(Function::Refund, true, &lost(), &MAY_HAVE).await } else { no() };
        self.note("refund/no-answer", SAYS_LOST, LOOK_LOST, verdict);
        let verdict = if can { self.wrong(Function::Refund, true, &nonsense(), &MAY_HAVE).await } else { no() };
        self.note(
            "refund/nonsense",
            SAYS_LOST,
            "how the answer is read: a refund is there when the provider says so, and refused when it says that",
            verdict,
        );
        let verdict = match self.first(Function::Refund) {
            Some(recording) if can => self.twice(recording).await,
            _ => no(),
        };
        self.note(
            "refund/twice",
            "asked twice with one refund id, a gateway gives back once: it sends the same both times",
            "what stands in the request: `refund-id` where the provider takes a key, nothing of chance or of the time",
            verdict,
        );
    }

    async fn webhooks(&mut self) {
        let genuine = self.first(Function::HandleWebhook).filter(|_| self.loaded.can(Capability::Webhooks));
        let says = "a message that the provider did not sign, or not so, is `unauthentic`: anybody can send one";
        type Change = fn(&mut Recording);
        let changes: [(&'static str, &'static str, Change); 4] = [
            ("webhook/altered", "the signature: over the whole body, as it came, compared whole", |one| {
                one.input.body = one.input.body.replacen(|c: char| c.is_ascii_digit(), "9", 3) + " ";
            }),
            ("webhook/unsigned", "a header that is not there", |one| one.input.headers.clear()),
            (
                "webhook/old",
                "the time in the message: a signed one that is a day old was recorded by somebody",
                |one| {
                    one.now += DAY;
                },
            ),
            ("webhook/nonsense", "the signature comes before anything is read", |one| {
                one.input.body = "{\"a\":[[[".to_owned();
            }),
        ];
        for (name, look, change) in changes {
            let verdict = match genuine {
                None => lacks(Capability::Webhooks),
                Some(genuine) => {
                    let mut other = genuine.clone();
                    change(&mut other);
                    let run = self.loaded.run(&other, None).await;
                    if run.error() == Some("unauthentic") { Verdict::Good } else { Verdict::Bad(run.shown()) }
                }
            };
            self.note(name, says, look, verdict);
        }
    }

    async fn unread(&self, call: Function) -> Verdict {
        for (name, recording) in self.good(call) {
            for at in 0..recording.exchanges.len() {
                for twist in nonsense() {
                    let run = self.loaded.run(recording, Some((at, twist.clone()))).await;
                    // An empty list is what some providers say where there is none.
                    let none = run.answer["payments"].as_array().is_some_and(Vec::is_empty);
                    if run.error() == Some("internal") || (run.error().is_none() && !none) {
                        return Verdict::Bad(format!("{name}: {}: it answered {}", twist.told(), run.shown()));
                    }
                }
            }
        }
        if self.first(call).is_some_and(|one| !one.exchanges.is_empty()) {
            Verdict::Good
        } else {
            Verdict::Untold("nothing was recorded that it sends".to_owned())
        }
    }
}
