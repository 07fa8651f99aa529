//! Waiting for what is to be.

use std::time::Duration;

/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks every so often until there is an answer.
///
/// # Panics
/// Where there is none within a minute: `what` was waited for.
pub async fn until<T>(what: &str, every: Duration, ask: impl AsyncFnMut() -> Option<T>) -> T {
    until_within(PATIENCE, what, every, ask).await
}

/// Asks every so often until there is an answer, for so long.
///
/// # Panics
/// Where there is none by then.
pub async fn until_within<T>(
    patience: Duration,
    what: &str,
    every: Duration,
    mut ask: impl AsyncFnMut() -> Option<T>,
) -> T {
    let asking = async {
        let mut again = tokio::time::interval(every);
        loop {
            again.tick().await;
            if let Some(found) = ask().await {
                return found;
            }
        }
    };
    let found = tokio::time::timeout(patience, asking).await;
    found.unwrap_or_else(|_| panic!("waited for {} s: {what}?", patience.as_secs()))
}
