//! Conformance runs, of real components in the real host: those of the tree are good, and what is wrong with others is named.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a story that goes wrong fails")]

use std::path::Path;

use bundle::Bundled;
use host::Compiler;
use kit::conformance::{Report, Subject, Verdict, examine};
use serde_json::Value;

fn subject(bundled: &Bundled) -> Subject {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateways").join(bundled.id);
    Subject::read(&folder, bundled.component.to_vec()).unwrap()
}

async fn report(subject: &Subject) -> Report {
    examine(subject, Compiler::Here).await.unwrap()
}

fn faulty(fault: &str) -> Subject {
    let mut subject = subject(&bundle::FAULTY.expect("it is built with those that the build brings"));
    for (_, recording) in &mut subject.recordings {
        recording.settings.insert("fault".to_owned(), Value::from(fault));
    }
    subject
}

/// The one fault is found, under this name, and its explanation has these words in it.
async fn found(subject: Subject, case: &str, seen: &str) {
    let report = report(&subject).await;
    let finding = report.bad().find(|finding| finding.case.name == case);
    let finding = finding.unwrap_or_else(|| panic!("{case} is not among what is bad:\n{report}"));
    let Verdict::Bad(why) = &finding.verdict else { panic!("{finding:?}") };
    assert!(why.contains(seen), "{case}: {why}");
    let told = report.to_string();
    for words in ["the contract says: ", finding.case.says, "seen: ", "look at: ", finding.case.look] {
        assert!(told.contains(words), "{told}");
    }
}

#[tokio::test]
async fn every_gateway_that_comes_with_a_build_conforms() {
    assert!(bundle::GATEWAYS.len() >= 3, "{:?}", bundle::MISSING);
    for bundled in bundle::GATEWAYS {
        let report = report(&subject(bundled)).await;
        assert!(report.is_good(), "{}:\n{report}", bundled.id);
        assert!(report.findings.len() >= 40, "{}: {} cases only", bundled.id, report.findings.len());
    }
}

#[tokio::test]
async fn one_without_a_fault_conforms() {
    let report = report(&faulty("none")).await;
    assert!(report.is_good(), "{report}");
}

macro_rules! faults {
    ($($name:ident: $fault:literal is $case:literal, seen $seen:literal;)*) => {
        $(#[tokio::test]
        async fn $name() {
            found(faulty($fault), $case, $seen).await;
        })*
    };
}

faults! {
    a_browser_is_not_believed: "believes-browsers" is "verify/believes-nobody", seen "with nobody to ask it answered";
    a_browser_does_not_say_which_payment: "asks-for-what-browsers-name" is "verify/another-payment", seen "the other one";
    the_books_are_not_repeated: "repeats-the-books" is "verify/sum", seen "507777 expected";
    silence_is_no_refusal: "takes-silence-for-no" is "verify/no-answer", seen "instead of `not-sent` or `indeterminate`";
    a_lost_refund_is_not_repeated: "repeats-refunds" is "refund/no-answer", seen "instead of `indeterminate`";
    one_payment_has_one_key: "key-of-chance" is "create/same-twice", seen "and then";
    one_movement_has_one_name: "names-money-by-the-time" is "verify/twice", seen "1767225660000";
    nonsense_is_no_trap: "gives-up-on-nonsense" is "create/nonsense", seen "it gave up";
    any_answer_is_no_payment: "believes-any-answer" is "create/nonsense", seen "unknown";
    text_stays_text: "pastes-its-json" is "create/awkward-texts", seen "became a part of";
    a_missing_setting_is_said: "forgets-its-key" is "settings/missing", seen "without `key` it sent 1 requests";
    a_foreign_currency_is_refused: "takes-any-currency" is "create/foreign-currency", seen "asked for KWD";
    a_message_is_signed: "believes-any-message" is "webhook/unsigned", seen "p1";
    a_secret_is_not_told: "tells-its-key" is "create/keeps-secrets", seen "stoa-secret-";
}

#[tokio::test]
async fn a_manifest_that_says_less_is_found() {
    let mut subject = faulty("none");
    subject.manifest.hosts.clear();
    found(subject, "manifest/hosts", "api.example.com").await;
}

#[tokio::test]
async fn what_is_no_component_is_found_before_anything_else() {
    let mut subject = faulty("none");
    subject.component = b"\0asm\x01\0\0\0".to_vec();
    found(subject, "component/compiles", "does not begin as a component does").await;
}

#[tokio::test]
async fn what_was_not_recorded_is_found() {
    let mut subject = faulty("none");
    subject.recordings.retain(|(_, recording)| recording.call != kit::conformance::Function::Refund);
    found(subject, "recorded/refund", "no recording").await;
}
