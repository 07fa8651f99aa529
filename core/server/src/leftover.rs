//! What a client still sends when its answer is there already. A connection that is closed under its hands loses the
//! answer with it: the client would read of a broken pipe instead of why it was refused.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use poem::Body;
use tokio::time::timeout;

/// Most bytes that are read past what was asked for: more than any operation takes.
const MOST: usize = 128 * 1024 * 1024;
/// How long they may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long nothing may come: a client that has stopped sending reads.
const SILENCE: Duration = Duration::from_secs(1);

type Chunks = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// The rest of a body, once whoever read it has let go of it.
pub(crate) struct Leftover(Arc<Mutex<Option<Chunks>>>);

/// A body that leaves its rest behind. One that `waits` to be asked for leaves none before it was.
pub(crate) fn watched(body: Body, waits: bool) -> (Body, Leftover) {
    let left = Arc::new(Mutex::new(None));
    let chunks: Chunks = Box::pin(body.into_bytes_stream());
    let sending = Sending { chunks: Some(chunks), waits, left: Arc::clone(&left) };
    (Body::from_bytes_stream(sending), Leftover(left))
}

impl Leftover {
    /// Reads what is left, up to a bound.
    pub(crate) async fn read(self) {
        let Some(mut chunks) = self.0.lock().ok().and_then(|mut left| left.take()) else { return };
        let reading = async {
            let mut read = 0;
            while let Ok(Some(Ok(chunk))) = timeout(SILENCE, chunks.next()).await {
                read += chunk.len();
                if read > MOST {
                    break;
                }
            }
        };
        timeout(PATIENCE, reading).await.ok();
    }
}

struct Sending {
    chunks: Option<Chunks>,
    waits: bool,
    left: Arc<Mutex<Option<Chunks>>>,
}

impl Stream for Sending {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.waits = false;
        let Some(chunks) = self.chunks.as_mut() else { return Poll::Ready(None) };
        let polled = chunks.as_mut().poll_next(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.chunks = None;
        }
        polled
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if let (Some(chunks), false, Ok(mut left)) = (self.chunks.take(), self.waits, self.left.lock()) {
            *left = Some(chunks);
        }
    }
}
