//! Time, memory, words, and values.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use gateway::{ComponentError, GatewayError, Gateways as _};

use crate::guests::{GOOD, begin, call, callback, component, creating, creating_with, fault, host, request};

/// A gateway fails in this way, soon, and a good one beside it goes on.
async fn fails(body: &str, more: &str, with: &str) {
    let (host, bad, good) = (host(), creating_with(body, more), creating(GOOD));
    begin(&host, &good, &call(&[], &[])).await.unwrap();
    host.load(&bad).await.unwrap();
    let began = Instant::now();
    let (message, sent) = fault(&host, &bad).await;
    let took = began.elapsed();
    assert!(message.contains(with), "{message}");
    assert!(!sent && message.len() < 200 && !message.contains(['\n', '/']), "{message}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(begin(&host, &good, &call(&[], &[])).await.unwrap().reference, "https://ap");
}

#[tokio::test]
async fn a_loop_without_end_is_ended() {
    fails("(loop $again (br $again)) (i32.const 0)", "", "computed for too long").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loops_without_end_leave_room_for_others() {
    let host = Arc::new(host());
    let (bad, good) = (creating("(loop $again (br $again)) (i32.const 0)"), creating(GOOD));
    let bad = host.load(&bad).await.unwrap();
    let loops = (0..8).map(|_| {
        let bad = Arc::clone(&bad);
        tokio::spawn(async move { bad.create_payment(&call(&[], &[]), &request()).await.unwrap_err() })
    });
    let loops: Vec<_> = loops.collect();
    let mut answered = 0;
    while !loops.iter().all(tokio::task::JoinHandle::is_finished) {
        begin(&host, &good, &call(&[], &[])).await.unwrap();
        answered += 1;
    }
    assert!(answered > 8, "{answered}");
    join_all(loops).await;
}

#[tokio::test]
async fn calls_of_the_host_without_end_are_ended() {
    fails("(loop $again (drop (call $now)) (br $again)) (i32.const 0)", "", "called its host too often").await;
}

#[tokio::test]
async fn memory_without_end_is_refused() {
    fails("(loop $again (drop (memory.grow (i32.const 16))) (br $again)) (i32.const 0)", "", "more memory").await;
}

#[tokio::test]
async fn tables_without_end_are_refused() {
    let grow = "(loop $again (drop (table.grow $t (ref.null func) (i32.const 1000))) (br $again)) (i32.const 0)";
    fails(grow, "(table $t 1 funcref)", "larger tables").await;
}

#[tokio::test]
async fn a_stack_without_end_is_ended() {
    let more = "(func $deeper (param i64) (result i64) (i64.add (call $deeper (local.get 0)) (i64.const 1)))";
    fails("(drop (call $deeper (i64.const 0))) (i32.const 0)", more, "stack grew too deep").await;
}

#[tokio::test]
async fn an_answer_of_20_and_one_of_100_megabytes_are_not_read() {
    let grow = "(drop (memory.grow (i32.const 320)))";
    let begun = |length: u32| format!("{grow} (call $begun (i32.const 0) (i32.const {length}))");
    fails(&begun(20 << 20), "", "breaks the contract, or is too much").await;
    fails(&begun(100 << 20), "", "breaks the contract, or is too much").await;
}

#[tokio::test]
async fn what_gives_up_is_at_fault() {
    fails("unreachable", "", "it gave up").await;
    fails("(i32.load (i32.const -8))", "", "beyond its memory").await;
    fails("(i32.div_u (i32.const 1) (i32.const 0))", "", "it broke off").await;
}

#[tokio::test]
async fn values_that_are_none_are_refused() {
    let wrong = "breaks the contract";
    let begun = "(drop (call $begun (i32.const 632) (i32.const 10)))";
    // A case that there isn't, of the result and of what comes next.
    fails("(i32.store8 (i32.const 1024) (i32.const 7)) (i32.const 1024)", "", wrong).await;
    fails(&format!("{begun} (i32.store8 (i32.const 1040) (i32.const 9)) (i32.const 1024)"), "", wrong).await;
    // Bytes that are no UTF-8, a pointer that leads out, one that is not aligned.
    fails("(i32.store8 (i32.const 900) (i32.const 255)) (call $begun (i32.const 900) (i32.const 1))", "", wrong).await;
    fails("(call $begun (i32.const -16) (i32.const 8))", "", wrong).await;
    fails("(i32.const 1025)", "", wrong).await;
    fails("(i32.const -8)", "", wrong).await;
}

#[tokio::test]
async fn values_out_of_bounds_are_refused() {
    let begun = "(drop (call $begun (i32.const 632) (i32.const 10)))";
    fails("(call $begun (i32.const 632) (i32.const 0))", "", "a reference that is empty").await;
    fails("(call $begun (i32.const 8) (i32.const 201))", "", "reference").await;
    let state = format!("{begun} (i32.store (i32.const 1084) (i32.const 16385)) (i32.const 1024)");
    fails(&state, "", "more kept than 16 KiB").await;
    for (url, wrong) in [
        ("http://api.example.com/", true),
        ("http://localhost:1/", true),
        ("javascript:alert(1)", true),
        ("https://me@api.example.com/", true),
        ("//api.example.com/", true),
        ("https://api.example.com/\\n", true),
        ("https:\\\\\\\\api.example.com", true),
        ("https://pay.example.org/x?y=1", false),
    ] {
        let length = url.replace("\\\\", "\\").replace("\\n", "n").len();
        let redirect = format!(
            "{begun} (i32.store8 (i32.const 1040) (i32.const 0)) (i32.store (i32.const 1044) (i32.const 900))
             (i32.store (i32.const 1048) (i32.const {length})) (i32.const 1024)"
        );
        let data = format!("(data (i32.const 900) \"{url}\")");
        if wrong {
            fails(&redirect, &data, "not of https").await;
        } else {
            let begun = begin(&host(), &creating_with(&redirect, &data), &call(&[], &[])).await.unwrap();
            assert_eq!(begun.next, gateway::Next::Redirect(url.to_owned()));
        }
    }
}

#[tokio::test]
async fn a_form_of_what_nobody_can_keep_is_refused() {
    // One field, whose key and value are texts of these places and lengths.
    let form = "(drop (call $begun (i32.const 632) (i32.const 10))) (i32.store8 (i32.const 1040) (i32.const 1))
        (i32.store (i32.const 1044) (i32.const 632)) (i32.store (i32.const 1048) (i32.const 27))
        (i32.store (i32.const 1052) (i32.const 880)) (i32.store (i32.const 1056) (i32.const 1)) (i32.const 1024)";
    let field = |key: &str, value: &str| {
        let length = |text: &str| if text.starts_with('\\') { 3 } else { text.len() };
        format!(
            "(data (i32.const 880) \"\\84\\03\\00\\00\\{:02x}\\00\\00\\00\\98\\03\\00\\00\\{:02x}\\00\\00\\00\")
             (data (i32.const 900) \"{key}\") (data (i32.const 920) \"{value}\")",
            length(key),
            length(value),
        )
    };
    fails(form, &field("token", "\\00ab"), "unprintable").await;
    fails(form, &field("\\00ab", "x"), "unprintable").await;
    fails(form, &field("\\0aab", "x"), "unprintable").await;
    fails(form, &field("token", "\\1bab"), "unprintable").await;
    let begun = begin(&host(), &creating_with(form, &field("token", "\\0aab")), &call(&[], &[])).await.unwrap();
    let gateway::Next::PostForm(form) = begun.next else { panic!("{:?}", begun.next) };
    assert_eq!((&*form.fields[0].key, &*form.fields[0].value), ("token", "\nab"));
}

#[tokio::test]
async fn more_chance_than_there_is_at_once_is_refused() {
    fails("(call $chance (i32.const -1) (i32.const 2048)) (i32.const 0)", "", "more chance").await;
}

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_flood_of_words_is_cut() {
    let paper = Paper::default();
    let writer = paper.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _on = tracing::subscriber::set_default(subscriber);
    // 200 lines of 4 KiB, that begin with an escape, a line break and a mark that turns the writing around.
    let body =
        "(i32.store (i32.const 16384) (i32.const 0x6d5b0a1b)) (i32.store (i32.const 16388) (i32.const 0x78ae80e2))
        (loop $again (call $log (i32.const 1) (i32.const 16384) (i32.const 4096))
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $n) (i32.const 200))))
        (call $begun (i32.const 632) (i32.const 10))";
    begin(&host(), &creating(&format!("(local $n i32) {body}")), &call(&[], &[])).await.unwrap();
    let written = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<_> = written.lines().filter(|line| line.contains("gateway=\"hostile\"")).collect();
    assert_eq!(lines.len(), 16, "16 KiB of lines of 1 KiB");
    assert!(lines.iter().all(|line| line.len() < 1_400 && !line.contains(['\u{1b}', '\0', '\u{202e}'])));
    assert!(lines[0].contains("store.id=00000000-0000-0000-0000-000000000000"), "{}", lines[0]);
}

#[tokio::test]
async fn what_it_does_not_do_is_unsupported_and_what_it_fails_at_is_its_fault() {
    let (host, call) = (host(), call(&[], &[]));
    let gateway = host.load(&creating(GOOD)).await.unwrap();
    let payment = callback().payment;
    assert!(matches!(gateway.inquire(&call, &payment).await, Err(GatewayError::Unsupported(_))));
    assert!(matches!(gateway.void(&call, &payment).await, Err(GatewayError::Unsupported(_))));
    let failed = gateway.verify_payment(&call, &callback()).await.unwrap_err();
    assert!(matches!(failed, GatewayError::Internal { sent: false, .. }) && !failed.may_have_taken_effect());
}

#[tokio::test]
async fn what_it_says_of_itself_must_be_so() {
    let described = |what: &str| {
        let more = format!("(data (i32.const 256) \"{what}\")");
        creating_with(GOOD, &more)
    };
    let host = host();
    let inspected = host.inspect(&creating(GOOD)).await.unwrap();
    assert_eq!((inspected.info.id.as_str(), inspected.contract.as_str()), ("hostile", "0.1.0"));
    assert_eq!(inspected.info.allowed_hosts.len(), 5);
    for (what, why) in [("Hostile", "its id"), ("\\ffostile", "breaks the contract")] {
        let refused = host.inspect(&described(what)).await.unwrap_err();
        assert!(matches!(&refused, ComponentError::Description(said) if said.contains(why)), "{refused:?}");
    }
    let hosts = creating_with(GOOD, "(data (i32.const 352) \"*.EXAMPLE.net\")");
    assert!(matches!(host.inspect(&hosts).await, Err(ComponentError::Description(_))));
    let private = creating_with(GOOD, "(data (i32.const 320) \"10.0.0.01\")");
    assert!(matches!(host.inspect(&private).await, Err(ComponentError::Description(_))));
}

#[tokio::test]
async fn asking_what_it_is_has_bounds_and_no_way_out() {
    let module = |body: &str| {
        format!(
            r#"(module (import "stoa:gateway/clock@0.1.0" "now" (func $now (result i64))) (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "stoa:gateway/gateway@0.1.0#describe") (result i32) {body})
            (func (export "stoa:gateway/gateway@0.1.0#create-payment") (param i32) (result i32) unreachable)
            (func (export "stoa:gateway/gateway@0.1.0#verify-payment") (param i32) (result i32) unreachable))"#
        )
    };
    let host = host();
    let endless = component(&module("(loop $again (br $again)) (i32.const 0)"), "payment-gateway");
    assert!(matches!(host.inspect(&endless).await, Err(ComponentError::TooSlow(_))));
    let curious = component(&module("(drop (call $now)) (i32.const 0)"), "payment-gateway");
    let refused = host.inspect(&curious).await.unwrap_err();
    assert!(matches!(&refused, ComponentError::Description(why) if why.contains("where it may not")), "{refused:?}");
}
