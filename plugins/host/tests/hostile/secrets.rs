//! Secrets that a gateway uses and never sees.

use std::sync::{Arc, Mutex};

use gateway::{Call, GatewayError};
use host::{Fetch, Fetched, Host, Incoming, Options, Outgoing};

use crate::guests::{begin, call, creating};

/// Sends what it is told to send back as its answer.
#[derive(Default)]
struct Echo(Mutex<Vec<String>>);

impl Fetch for Echo {
    fn fetch(&self, request: Outgoing) -> Fetched<'_> {
        let headers = request.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
        let seen = format!("{} {}", headers.collect::<Vec<_>>().join(" "), String::from_utf8_lossy(&request.body));
        self.0.lock().unwrap().push(seen);
        Box::pin(async move { Ok(Incoming { status: 200, headers: Default::default(), body: request.body }) })
    }
}

/// Posts `{"key":"…"}` and a header, with the word for the secret `key`, and answers what came back as its reference. Where the
/// setting `url` is a text, posts that instead.
const POSTS: &str = r#"(local $word i32) (local $length i32) (local $end i32)
    (call $secret (i32.const 624) (i32.const 3) (i32.const 2000))
    (local.set $word (i32.load (i32.const 2004))) (local.set $length (i32.load (i32.const 2008)))
    (call $setting (i32.const 616) (i32.const 3) (i32.const 2016))
    (if (i32.load8_u (i32.const 2016)) (then
        (local.set $word (i32.load (i32.const 2020))) (local.set $length (i32.load (i32.const 2024)))))
    (memory.copy (i32.const 4096) (i32.const 748) (i32.const 8))
    (memory.copy (i32.const 4104) (local.get $word) (local.get $length))
    (local.set $end (i32.add (i32.const 4104) (local.get $length)))
    (memory.copy (local.get $end) (i32.const 760) (i32.const 2))
    (i32.store (i32.const 3000) (i32.const 704)) (i32.store (i32.const 3004) (i32.const 12))
    (i32.store (i32.const 3008) (i32.const 720)) (i32.store (i32.const 3012) (i32.const 16))
    (i32.store (i32.const 3016) (i32.const 740)) (i32.store (i32.const 3020) (i32.const 5))
    (i32.store (i32.const 3024) (local.get $word)) (i32.store (i32.const 3028) (local.get $length))
    (call $fetch (i32.const 608) (i32.const 4) (i32.const 632) (i32.const 27) (i32.const 3000) (i32.const 2)
        (i32.const 4096) (i32.add (local.get $length) (i32.const 10)) (i32.const 2048))
    (if (result i32) (i32.load8_u (i32.const 2048))
        (then (call $said (i32.add (i32.const 692) (i32.load8_u (i32.const 2052))) (i32.const 1)))
        (else (call $begun (i32.load (i32.const 2064)) (i32.load (i32.const 2068)))))"#;

async fn posted(call: &Call) -> (Arc<Echo>, Result<String, GatewayError>) {
    let echo = Arc::new(Echo::default());
    let host = Host::with_fetch(Options::default(), Arc::clone(&echo) as Arc<dyn Fetch>).unwrap();
    let begun = begin(&host, &creating(POSTS), call).await.map(|session| session.reference);
    (echo, begun)
}

#[tokio::test]
async fn a_secret_goes_out_and_does_not_come_back() {
    let (echo, answer) = posted(&call(&[], &[("key", "hunter\"2/3")])).await;
    let sent = echo.0.lock().unwrap().clone();
    assert_eq!(sent, [r#"content-type: application/json x-key: hunter"2/3 {"key":"hunter\"2/3"}"#]);
    let answer = answer.unwrap();
    assert!(answer.starts_with(r#"{"key":"stoa-secret-"#) && !answer.contains("hunter"), "{answer}");
}

#[tokio::test]
async fn a_secret_that_would_break_a_header_is_not_sent() {
    let (echo, answer) = posted(&call(&[], &[("key", "a\r\nhost: evil.example")])).await;
    assert!(echo.0.lock().unwrap().is_empty());
    assert_eq!(answer.unwrap_err(), GatewayError::InvalidRequest("1".to_owned()));
}

#[tokio::test]
async fn the_word_of_another_call_names_nothing() {
    let secrets = [("key", "correct horse battery")];
    let (_, answer) = posted(&call(&[], &secrets)).await;
    let word = answer.unwrap().replace(r#"{"key":""#, "").replace(r#""}"#, "");
    // The next call has the same secret, and a buyer or another store knows the word of the one before.
    let (echo, _) = posted(&call(&[("url", &word)], &secrets)).await;
    let sent = echo.0.lock().unwrap().clone();
    assert!(sent[0].contains(&word) && !sent[0].contains("horse"), "{sent:?}");
}

#[tokio::test]
async fn a_secret_is_no_setting_and_a_setting_no_secret() {
    let (echo, _) = posted(&call(&[("key", "plain")], &[("url", "https://secret.example")])).await;
    let sent = echo.0.lock().unwrap().clone();
    assert_eq!(sent, [r#"content-type: application/json x-key:  {"key":""}"#]);
}
