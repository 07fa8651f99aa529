//! Small gateways in WebAssembly text, and what calls them.

use std::sync::Arc;

use gateway::{
    Call, Callback, Gateway, GatewayError, Gateways as _, KeyValue, PaymentRef, PaymentRequest, Session, Settings,
};
use host::{Fetch, Fetched, Host, Options, Outgoing, Unfetched};
use kernel::{Amount, Currency, Money, Text as _};
use uuid::Uuid;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A gateway whose `create-payment` is this, of a request's address in `$request`. It may use the functions and the texts of
/// [`frame`], and answers the address of a result.
pub fn creating(body: &str) -> Vec<u8> {
    component(&frame(body, ""), "payment-gateway")
}

/// The same, with more of a module.
pub fn creating_with(body: &str, more: &str) -> Vec<u8> {
    component(&frame(body, more), "payment-gateway")
}

/// A module as a component of a world of the contract.
pub fn component(module: &str, world: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("gateway.wit", include_str!("../../../wit/gateway.wit")).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}

/// What all have. `$said` answers an error of a text; `$begun` a session whose reference is a text.
fn frame(body: &str, more: &str) -> String {
    format!(
        r#"(module
        (import "stoa:gateway/http@0.1.0" "fetch" (func $fetch (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
        (import "stoa:gateway/log@0.1.0" "write" (func $log (param i32 i32 i32)))
        (import "stoa:gateway/clock@0.1.0" "now" (func $now (result i64)))
        (import "stoa:gateway/random@0.1.0" "bytes" (func $chance (param i32 i32)))
        (import "stoa:gateway/settings@0.1.0" "get" (func $setting (param i32 i32 i32)))
        (import "stoa:gateway/settings@0.1.0" "secret-ref" (func $secret (param i32 i32 i32)))
        (memory (export "memory") 2)
        (global $free (mut i32) (i32.const 8192))
        (data (i32.const 256) "hostile")
        (data (i32.const 272) "0.1.0")
        (data (i32.const 288) "{{}}")
        (data (i32.const 304) "api.example.com")
        (data (i32.const 320) "127.0.0.1")
        (data (i32.const 336) "localhost")
        (data (i32.const 352) "*.example.net")
        (data (i32.const 368) "rebound.example.com")
        (data (i32.const 400) "\30\01\00\00\0f\00\00\00\40\01\00\00\09\00\00\00\50\01\00\00\09\00\00\00\60\01\00\00\0d\00\00\00\70\01\00\00\13\00\00\00")
        (data (i32.const 512) "\00\01\00\00\07\00\00\00\00\01\00\00\07\00\00\00\10\01\00\00\05\00\00\00\20\01\00\00\02\00\00\00\90\01\00\00\05\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")
        (data (i32.const 600) "GET")
        (data (i32.const 608) "POST")
        (data (i32.const 616) "url")
        (data (i32.const 624) "key")
        (data (i32.const 632) "https://api.example.com/pay")
        (data (i32.const 664) "https://evil.example/pay")
        (data (i32.const 692) "0123456789")
        (data (i32.const 704) "content-type")
        (data (i32.const 720) "application/json")
        (data (i32.const 740) "x-key")
        (data (i32.const 748) "{{\"key\":\"")
        (data (i32.const 760) "\"}}")
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
            (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
            (global.set $free (i32.add (local.get $at) (local.get 3)))
            (loop $grow (if (i32.gt_u (global.get $free) (i32.mul (memory.size) (i32.const 65536)))
                (then (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable)) (br $grow))))
            (local.get $at))
        (func $said (param $text i32) (param $length i32) (result i32)
            (i32.store8 (i32.const 1024) (i32.const 1)) (i32.store8 (i32.const 1032) (i32.const 0))
            (i32.store (i32.const 1036) (local.get $text)) (i32.store (i32.const 1040) (local.get $length))
            (i32.const 1024))
        (func $begun (param $text i32) (param $length i32) (result i32)
            (i32.store8 (i32.const 1024) (i32.const 0))
            (i32.store (i32.const 1032) (local.get $text)) (i32.store (i32.const 1036) (local.get $length))
            (i32.store8 (i32.const 1040) (i32.const 2)) (i32.store8 (i32.const 1064) (i32.const 0))
            (i32.store (i32.const 1080) (i32.const 0)) (i32.store (i32.const 1084) (i32.const 0))
            (i32.const 1024))
        ;; Sends a GET to an address, and answers a session named after the last digit of the status, or an error of the
        ;; number of why there was none.
        (func $asked (param $url i32) (param $length i32) (result i32)
            (call $fetch (i32.const 600) (i32.const 3) (local.get $url) (local.get $length) (i32.const 0) (i32.const 0)
                (i32.const 0) (i32.const 0) (i32.const 2048))
            (if (result i32) (i32.load8_u (i32.const 2048))
                (then (call $said (i32.add (i32.const 692) (i32.load8_u (i32.const 2052))) (i32.const 1)))
                (else (call $begun
                    (i32.add (i32.const 692) (i32.rem_u (i32.load16_u (i32.const 2052)) (i32.const 10))) (i32.const 1)))))
        (func (export "stoa:gateway/gateway@0.1.0#describe") (result i32) (i32.const 512))
        (func $create (export "stoa:gateway/gateway@0.1.0#create-payment") (param $request i32) (result i32) {body})
        (func (export "stoa:gateway/gateway@0.1.0#verify-payment") (param $callback i32) (result i32) unreachable)
        {more})"#
    )
}

/// A gateway that asks the address of the setting `url`.
pub const ASKS: &str = "(call $setting (i32.const 616) (i32.const 3) (i32.const 2000))
    (call $asked (i32.load (i32.const 2004)) (i32.load (i32.const 2008)))";

/// A gateway that does as it should.
pub const GOOD: &str = "(call $begun (i32.const 632) (i32.const 10))";

/// Never sends anything.
pub struct Nowhere;

impl Fetch for Nowhere {
    fn fetch(&self, _: Outgoing) -> Fetched<'_> {
        Box::pin(async { Err(Unfetched::NotSent("there is no way out".to_owned())) })
    }
}

pub fn host() -> Host {
    Host::with_fetch(Options::default(), Arc::new(Nowhere)).unwrap()
}

pub fn call(plain: &[(&str, &str)], secrets: &[(&str, &str)]) -> Call {
    let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Call { store: Uuid::nil(), settings: Arc::new(Settings { plain: map(plain), secrets: map(secrets) }) }
}

pub fn money(minor: i64) -> Money {
    Money { amount: Amount::new(minor).unwrap(), currency: Currency::parse("EUR").unwrap() }
}

pub fn request() -> PaymentRequest {
    PaymentRequest {
        payment: Uuid::now_v7(),
        order_number: "1001".to_owned(),
        amount: money(1_990),
        description: "Order 1001".to_owned(),
        callback_url: "https://books.example/back".to_owned(),
        webhook_url: "https://books.example/hook".to_owned(),
        customer_email: None,
        customer_phone: Some("+49301234".to_owned()),
        sandbox: true,
    }
}

pub fn callback() -> Callback {
    let payment = PaymentRef {
        payment: Uuid::now_v7(),
        reference: "A1".to_owned(),
        expected: money(1_990),
        transaction: None,
        sandbox: true,
        state: Vec::new(),
    };
    Callback { payment, query: vec![KeyValue { key: "Status".to_owned(), value: "OK".to_owned() }], body: Vec::new() }
}

/// Loads a gateway and begins a payment with it.
pub async fn begin(host: &Host, component: &[u8], call: &Call) -> Result<Session, GatewayError> {
    let gateway: Arc<dyn Gateway> = host.load(component).await.unwrap();
    gateway.create_payment(call, &request()).await
}

/// What a gateway that is at fault did, and whether it had sent something.
pub async fn fault(host: &Host, component: &[u8]) -> (String, bool) {
    match begin(host, component, &call(&[], &[])).await {
        Err(GatewayError::Internal { message, sent }) => (message, sent),
        other => panic!("it was to fail: {other:?}"),
    }
}
