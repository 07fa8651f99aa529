//! Connections: taken one by one, as many as fit, and closed where their peer only pretends to ask.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use poem::endpoint::{DynEndpoint, ToDynEndpoint};
use poem::http::header;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, EndpointExt as _, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tracing::{debug, warn};

use crate::leftover;

/// What is borne with.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long a new connection may take to send the head of its first request.
    pub first: Duration,
    /// How long a connection may be silent, and how long the head of a later request may take to come.
    pub silence: Duration,
    /// Connections at once.
    pub connections: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self { first: Duration::from_secs(15), silence: Duration::from_secs(75), connections: 10_000 }
    }
}

/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 100;
/// How long to wait where the system gives no connection: for want of file descriptors, say.
const BACK_OFF: Duration = Duration::from_millis(100);

type Answers = Arc<dyn DynEndpoint<Output = Response>>;

/// Answers what comes in until `stop`; then takes no more, and lets what is under way end within `grace`.
pub async fn serve(
    listener: TcpListener,
    answers: impl Endpoint<Output = Response> + 'static,
    patience: Patience,
    stop: impl Future<Output = ()>,
    grace: Duration,
) {
    let answers: Answers = Arc::new(ToDynEndpoint(answers.map_to_response()));
    let (graceful, seats) = (GracefulShutdown::new(), Arc::new(Semaphore::new(patience.connections)));
    // Ends those that are left when it goes.
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let seat = Arc::clone(&seats).acquire_owned().await;
            (listener.accept().await, seat)
        };
        let (accepted, seat) = tokio::select! {
            () = &mut stop => break,
            next = next => next,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(err) if of_one_peer(&err) => continue,
            Err(err) => {
                warn!("No connection can be taken: {err}");
                sleep(BACK_OFF).await;
                continue;
            }
        };
        let kept = keep(stream, peer, Arc::clone(&answers), graceful.watcher(), patience);
        connections.spawn(async move {
            kept.await;
            drop(seat);
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    if timeout(grace, graceful.shutdown()).await.is_err() {
        warn!("Some requests did not end within {} seconds; they are cut off", grace.as_secs());
    }
}

/// Answers what comes on one connection, until either side has had enough.
async fn keep(stream: TcpStream, peer: SocketAddr, answers: Answers, watcher: Watcher, patience: Patience) {
    let watch = Arc::new(Watch::default());
    let (local, remote) = (LocalAddr(stream.local_addr().unwrap_or(peer).into()), RemoteAddr(peer.into()));
    let service = service_fn({
        let watch = Arc::clone(&watch);
        move |request: hyper::Request<Incoming>| {
            let empty = request.body().is_end_stream();
            let request = (request, local.clone(), remote.clone(), Scheme::HTTP).into();
            let (answers, busy) = (Arc::clone(&answers), Busy::new(&watch));
            async move {
                let response =
                    if empty { answers.get_response(request).await } else { listened(&answers, request).await };
                drop(busy);
                Ok::<hyper::Response<_>, Infallible>(response.into())
            }
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience.silence);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(STREAMS);
    let io = TokioIo::new(Watched { stream, watch: Arc::clone(&watch) });
    let connection = watcher.watch(builder.serve_connection(io, service));
    tokio::select! {
        ended = connection => if let Err(err) = ended { debug!("A connection ended early: {err}") },
        () = watch.lost(patience) => debug!("A connection was closed: nothing came of it"),
    }
}

/// Answers a request that has a body, and hears the client out before it does.
async fn listened(answers: &Answers, mut request: Request) -> Response {
    let waits = request.headers().contains_key(header::EXPECT);
    let (body, leftover) = leftover::watched(request.take_body(), waits);
    request.set_body(body);
    let response = answers.get_response(request).await;
    leftover.read().await;
    response
}

/// Errors that say something about one peer only: the next connection may be had at once.
fn of_one_peer(err: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(err.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// What happens on a connection.
struct Watch {
    began: Instant,
    /// Milliseconds from the beginning to when bytes last went either way.
    moved: AtomicU64,
    /// Whether the head of a request has come.
    asked: AtomicBool,
    /// Requests that are being answered.
    busy: AtomicUsize,
}

impl Default for Watch {
    fn default() -> Self {
        let (moved, asked, busy) = (AtomicU64::new(0), AtomicBool::new(false), AtomicUsize::new(0));
        Self { began: Instant::now(), moved, asked, busy }
    }
}

impl Watch {
    fn move_on(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.moved.store(now, Ordering::Relaxed);
    }

    /// Resolves when nothing is to be expected of the connection any more.
    async fn lost(&self, patience: Patience) {
        sleep(patience.first).await;
        if !self.asked.load(Ordering::Relaxed) {
            return;
        }
        loop {
            let quiet = self.began.elapsed().saturating_sub(Duration::from_millis(self.moved.load(Ordering::Relaxed)));
            let busy = self.busy.load(Ordering::Relaxed) > 0;
            match patience.silence.checked_sub(quiet) {
                Some(left) if !left.is_zero() => sleep(left).await,
                _ if busy => sleep(patience.silence).await,
                _ => return,
            }
        }
    }
}

/// A request that is being answered.
struct Busy(Arc<Watch>);

impl Busy {
    fn new(watch: &Arc<Watch>) -> Self {
        watch.asked.store(true, Ordering::Relaxed);
        watch.busy.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(watch))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.move_on();
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream that tells when its bytes move.
struct Watched {
    stream: TcpStream,
    watch: Arc<Watch>,
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if polled.is_ready() {
            self.watch.move_on();
        }
        polled
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        if polled.is_ready() {
            self.watch.move_on();
        }
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        if polled.is_ready() {
            self.watch.move_on();
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use poem::endpoint::make_sync;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::oneshot;

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    async fn serving(patience: Patience) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let answers = make_sync(|_| Response::from("here"));
        let serving = serve(listener, answers, patience, async { drop(stopped.await) }, Duration::from_secs(5));
        (address, stop, tokio::spawn(serving))
    }

    fn short() -> Patience {
        Patience { first: Duration::from_millis(100), silence: Duration::from_millis(300), connections: 4 }
    }

    /// What comes until the server closes; it must.
    async fn read_to_end(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        timeout(LONG, stream.read_to_end(&mut bytes)).await.expect("the connection stays open").ok();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[tokio::test]
    async fn a_connection_that_asks_nothing_whole_is_closed() {
        let (address, _stop, _) = serving(short()).await;
        for sent in ["", "GET / HTTP/1.1\r\nHost: a\r\nX-Half", "PRI * HT", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(sent.as_bytes()).await.unwrap();
            assert!(!read_to_end(&mut stream).await.contains("here"), "{sent:?}");
        }
    }

    #[tokio::test]
    async fn a_second_request_must_be_whole_too() {
        let (address, _stop, _) = serving(short()).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHo").await.unwrap();
        let answered = read_to_end(&mut stream).await;
        assert_eq!(answered.matches("200 OK").count(), 1, "{answered}");
    }

    #[tokio::test]
    async fn connections_wait_for_a_seat() {
        let (address, _stop, _) = serving(Patience { connections: 1, ..short() }).await;
        let _silent = TcpStream::connect(address).await.unwrap();
        let mut second = TcpStream::connect(address).await.unwrap();
        second.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
        assert!(read_to_end(&mut second).await.ends_with("here"), "it is answered once the silent one is gone");
    }

    /// A client that listens only when it has said everything.
    #[tokio::test]
    async fn who_sends_too_much_still_reads_its_answer() {
        let (address, _stop, _) = serving(Patience { first: LONG, silence: LONG, connections: 4 }).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let body = vec![b' '; 10 * 1024 * 1024];
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        timeout(LONG, stream.write_all(&body)).await.unwrap().expect("the connection was closed too early");
        assert!(read_to_end(&mut stream).await.ends_with("here"));
    }

    #[tokio::test]
    async fn who_stops_sending_is_answered_soon() {
        let (address, _stop, _) = serving(Patience { first: LONG, silence: LONG, connections: 4 }).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let began = Instant::now();
        stream
            .write_all(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhalf")
            .await
            .unwrap();
        assert!(read_to_end(&mut stream).await.ends_with("here"));
        assert!(began.elapsed() < Duration::from_secs(5));
    }

    #[tokio::test]
    async fn who_waits_to_be_asked_for_a_body_is_answered_without_it() {
        let (address, _stop, _) = serving(Patience { first: LONG, silence: LONG, connections: 4 }).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head =
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let answered = read_to_end(&mut stream).await;
        assert!(answered.starts_with("HTTP/1.1 200") && answered.ends_with("here"), "{answered}");
    }

    #[tokio::test]
    async fn stopping_lets_go_of_idle_connections() {
        let (address, stop, serving) = serving(Patience { first: LONG, silence: LONG, connections: 4 }).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut begun = [0; 15];
        timeout(LONG, stream.read_exact(&mut begun)).await.unwrap().unwrap();
        stop.send(()).unwrap();
        timeout(LONG, serving).await.expect("it stops").unwrap();
    }
}
