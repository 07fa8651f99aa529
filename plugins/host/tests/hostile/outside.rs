//! Where a gateway may not go.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gateway::{GatewayError, Gateways as _};
use host::{Fetch, Fetched, Host, Limits, Names, Options, Outgoing, Unfetched, Web};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::guests::{ASKS, begin, call, creating};

/// Counts what would have been sent.
#[derive(Default)]
struct Counter(Mutex<Vec<String>>);

impl Fetch for Counter {
    fn fetch(&self, request: Outgoing) -> Fetched<'_> {
        self.0.lock().unwrap().push(request.url.to_string());
        Box::pin(async { Err(Unfetched::TimedOut) })
    }
}

/// Names whose addresses are these, one after the other; the last one stays.
struct Changing {
    addresses: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Names for Changing {
    fn look_up<'a>(&'a self, _: &'a str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>> {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed).min(self.addresses.len() - 1);
        Box::pin(async move { Ok(self.addresses[turn].clone()) })
    }
}

/// A server that counts who connects, and answers with this.
async fn server(answer: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (address, seen) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let mut head = [0; 4096];
                let _ = connection.read(&mut head).await;
                let _ = connection.write_all(answer.as_bytes()).await;
            });
        }
    });
    (address, seen)
}

fn web(names: Vec<Vec<IpAddr>>, allow_loopback: bool) -> Host {
    let names = Changing { addresses: names, asked: AtomicUsize::new(0) };
    let web = Web::new(Arc::new(names), allow_loopback, Duration::from_secs(2)).unwrap();
    Host::with_fetch(Options { allow_loopback, ..Options::default() }, Arc::new(web)).unwrap()
}

/// What becomes of asking this address: the last digit of the status, or the number of the error.
async fn asked(host: &Host, url: &str) -> Result<String, u8> {
    match begin(host, &creating(ASKS), &call(&[("url", url)], &[])).await {
        Ok(session) => Ok(session.reference),
        Err(GatewayError::InvalidRequest(number)) => Err(number.parse().unwrap()),
        Err(other) => panic!("{other:?}"),
    }
}

/// Addresses of hidden places, and of hosts that were not named, in the spellings that have fooled others.
const HIDDEN: &[&str] = &[
    "https://evil.example/",
    "https://api.example.com.evil.example/",
    "https://evilapi.example.com/",
    "https://api.example.com./",
    "https://example.net/",
    "https://evilexample.net/",
    "https://.example.net/",
    "http://api.example.com/",
    "ftp://api.example.com/",
    "file:///etc/passwd",
    "data:text/plain,x",
    "gopher://api.example.com/",
    "https://api.example.com:8443/",
    "https://api.example.com:22/",
    "https://api.example.com@evil.example/",
    "https://evil.example@api.example.com/",
    "https://:secret@api.example.com/",
    "https://@api.example.com/",
    "https:@api.example.com/",
    "https:\\\\@api.example.com/",
    "https://api.example.com\\@evil.example/",
    "https://api.example.com%40evil.example/",
    "https://evil.example#@api.example.com/",
    "https://evil.example?@api.example.com/",
    "https://evil.example/\\@api.example.com/",
    "https:///evil.example/",
    "//api.example.com/",
    "api.example.com",
    "",
    "https://",
    "https:///",
    "https://api.example.com%00.evil.example/",
    "https://api.example.com%2eevil.example/",
    "https://127.0.0.1/",
    "http://127.0.0.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://2130706433/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0x7f.1/",
    "https://127.0.0.1./",
    "https://127。0。0。1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://１２７.0.0.1/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://ｌocalhost/",
    "https://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://0/",
    "https://0.0.0.0/",
    "https://[::]/",
    "https://169.254.169.254/",
    "http://169.254.169.254/latest/meta-data/",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://0251.0376.0251.0376/",
    "https://169.254.43518/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[64:ff9b::169.254.169.254]/",
    "https://[64:ff9b:1::a9fe:a9fe]/",
    "https://[2002:a9fe:a9fe::]/",
    "https://[2001:0:a9fe:a9fe::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://10.0.0.1/",
    "https://192.168.0.1/",
    "https://172.16.0.1/",
    "https://100.64.0.1/",
    "https://255.255.255.255/",
    "https://224.0.0.1/",
    "https://[ff02::1]/",
    "https://metadata.google.internal/",
    "https://api.example.com\t.evil.example/",
    "https://api.example.com\n@evil.example/",
    "https://xn--80ak6aa92e.example.com/",
    "https://аpi.example.com/",
];

#[tokio::test]
async fn no_spelling_of_a_hidden_place_is_sent_to() {
    let counter = Arc::new(Counter::default());
    let host = Host::with_fetch(Options::default(), Arc::clone(&counter) as Arc<dyn Fetch>).unwrap();
    assert!(HIDDEN.len() >= 60);
    for url in HIDDEN {
        let refused = asked(&host, url).await;
        assert!(matches!(refused, Err(0 | 1)), "{url}: {refused:?}");
    }
    assert_eq!(counter.0.lock().unwrap().as_slice(), [""; 0]);
    // What was named is let through, in whatever case.
    for url in ["https://api.example.com/x", "https://API.example.com:443/", "https://a.b.example.net/"] {
        assert_eq!(asked(&host, url).await, Err(3));
    }
    assert_eq!(counter.0.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_development_host_reaches_this_machine_and_nothing_else_that_is_hidden() {
    let (address, seen) = server("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n").await;
    let port = address.port();
    let development = web(vec![vec![Ipv4Addr::LOCALHOST.into()]], true);
    assert_eq!(asked(&development, &format!("http://127.0.0.1:{port}/")).await, Ok("4".to_owned()));
    assert_eq!(asked(&development, &format!("http://localhost:{port}/")).await, Ok("4".to_owned()));
    assert_eq!(seen.load(Ordering::Relaxed), 2);
    for url in ["http://169.254.169.254/", "http://10.0.0.1/", "http://[fd00::1]/", "http://api.example.com/"] {
        assert!(matches!(asked(&development, url).await, Err(0 | 1)), "{url}");
    }
    // A public name that leads to this machine is as refused as elsewhere.
    assert_eq!(asked(&development, "https://api.example.com/").await, Err(0));
}

#[tokio::test]
async fn a_name_that_leads_to_a_hidden_address_opens_no_socket() {
    let hidden = [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001::1",
        "fd00::1",
        "fe80::1",
        "ff02::1",
        "198.18.0.1",
        "240.0.0.1",
    ];
    for address in hidden {
        // Beside a good one, too: who would know which of the two is connected to?
        let both: Vec<IpAddr> = vec!["203.0.114.1".parse().unwrap(), address.parse().unwrap()];
        let refused = asked(&web(vec![both], false), "https://api.example.com/").await;
        assert_eq!(refused, Err(0), "{address}");
    }
}

#[tokio::test]
async fn what_is_connected_to_is_what_was_checked() {
    let (_, seen) = server("").await;
    // First a public address, where nobody answers here; then this machine. It is asked for once.
    let names = Arc::new(Changing {
        addresses: vec![vec!["192.0.1.1".parse().unwrap()], vec![Ipv4Addr::LOCALHOST.into()]],
        asked: AtomicUsize::new(0),
    });
    let web = Web::new(Arc::clone(&names) as Arc<dyn Names>, false, Duration::from_millis(300)).unwrap();
    let host = Host::with_fetch(Options::default(), Arc::new(web)).unwrap();
    assert!(matches!(asked(&host, "https://rebound.example.com/").await, Err(2..=4)));
    assert_eq!(names.asked.load(Ordering::Relaxed), 1);
    assert_eq!(seen.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (elsewhere, followed) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let answer = format!("HTTP/1.1 302 Found\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n");
    let (address, seen) = server(Box::leak(answer.into_boxed_str())).await;
    assert_eq!(asked(&web(Vec::new(), true), &format!("http://{address}/")).await, Ok("2".to_owned()));
    assert_eq!((seen.load(Ordering::Relaxed), followed.load(Ordering::Relaxed)), (1, 0));
}

#[tokio::test]
async fn an_answer_that_is_too_large_or_breaks_off_is_none() {
    let host = web(Vec::new(), true);
    let (large, _) = server("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n").await;
    assert_eq!(asked(&host, &format!("http://{large}/")).await, Err(5));
    let long: &str = Box::leak(format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(1_100_000)).into_boxed_str());
    let (streamed, _) = server(long).await;
    assert_eq!(asked(&host, &format!("http://{streamed}/")).await, Err(5));
    let (broken, _) = server("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx").await;
    assert_eq!(asked(&host, &format!("http://{broken}/")).await, Err(4));
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    assert_eq!(asked(&host, &format!("http://{closed}/")).await, Err(2));
}

#[tokio::test]
async fn what_was_sent_before_a_fault_is_known() {
    let counter = Arc::new(Counter::default());
    let host = Host::with_fetch(Options::default(), Arc::clone(&counter) as Arc<dyn Fetch>).unwrap();
    let body = "(drop (call $asked (i32.const 632) (i32.const 27))) unreachable";
    let failed = begin(&host, &creating(body), &call(&[], &[])).await.unwrap_err();
    assert!(failed.may_have_taken_effect(), "{failed:?}");
    let body = "(drop (call $asked (i32.const 664) (i32.const 24))) unreachable";
    let failed = begin(&host, &creating(body), &call(&[], &[])).await.unwrap_err();
    assert!(matches!(failed, GatewayError::Internal { sent: false, .. }), "{failed:?}");
}

#[tokio::test]
async fn eight_requests_are_sent_and_no_ninth() {
    let counter = Arc::new(Counter::default());
    let host = Host::with_fetch(Options::default(), Arc::clone(&counter) as Arc<dyn Fetch>).unwrap();
    let body = "(local $n i32) (local $last i32)
        (loop $again (local.set $last (call $asked (i32.const 632) (i32.const 27)))
            (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $again (i32.lt_u (local.get $n) (i32.const 20))))
        (local.get $last)";
    let last = begin(&host, &creating(body), &call(&[], &[])).await.unwrap_err();
    assert_eq!(last, GatewayError::InvalidRequest("6".to_owned()));
    assert_eq!(counter.0.lock().unwrap().len(), 8);
}

/// Never answers.
struct Silent;

impl Fetch for Silent {
    fn fetch(&self, _: Outgoing) -> Fetched<'_> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_provider_that_says_nothing_ends_the_call_as_one_that_may_have_taken_effect() {
    let limits = Limits { call: Duration::from_millis(500), ..Limits::default() };
    let host = Host::with_fetch(Options { limits, ..Options::default() }, Arc::new(Silent)).unwrap();
    let asks = creating(ASKS);
    host.load(&asks).await.unwrap();
    let began = Instant::now();
    let failed = begin(&host, &asks, &call(&[("url", "https://api.example.com/")], &[])).await.unwrap_err();
    assert!(failed.may_have_taken_effect(), "{failed:?}");
    assert!(began.elapsed() < Duration::from_millis(600), "{:?}", began.elapsed());
}
