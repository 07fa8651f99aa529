//! How often a caller may try what is dear to us or tempting to attackers.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use poem::http::{StatusCode, header};
use tenants::TenantId;
use uuid::Uuid;

use crate::caller::network;
use crate::http::Problem;

/// Limits of this process, by group of operations.
pub struct Limits(Option<Groups>);

struct Groups {
    log_in_by_account: DefaultKeyedRateLimiter<String>,
    log_in_by_address: DefaultKeyedRateLimiter<IpAddr>,
    opening_by_address: DefaultKeyedRateLimiter<IpAddr>,
    reviews_by_address: DefaultKeyedRateLimiter<(TenantId, IpAddr)>,
    letters_by_sender: DefaultKeyedRateLimiter<(TenantId, Uuid)>,
    letters_by_reader: DefaultKeyedRateLimiter<(TenantId, Uuid)>,
    payments_by_address: DefaultKeyedRateLimiter<(TenantId, IpAddr)>,
    webhooks_by_address: DefaultKeyedRateLimiter<(TenantId, IpAddr)>,
    trials_by_store: DefaultKeyedRateLimiter<TenantId>,
    /// Looking through many keys takes long: at most once a second.
    sweeps: DefaultDirectRateLimiter,
    clock: DefaultClock,
}

/// Tries a minute: log-ins on one account.
const LOG_IN_ACCOUNT: u32 = 10;
/// Tries a minute: log-ins from one address.
const LOG_IN_ADDRESS: u32 = 30;
/// Tries a minute: stores opened from one address.
const OPENING_ADDRESS: u32 = 5;
/// Tries a minute: reviews written in one store from one address.
const REVIEWS_ADDRESS: u32 = 10;
/// Letters a minute: private ones that one of the staff sends.
const LETTERS_SENDER: u32 = 30;
/// Letters a minute: private ones that one customer gets.
const LETTERS_READER: u32 = 5;
/// Tries a minute: payments that are begun or come back from one address to one store.
const PAYMENTS_ADDRESS: u32 = 20;
/// Calls a minute: those of providers from one address to one store. A provider repeats what is refused, and its gateway is
/// asked besides: what is too much comes later, and is not lost.
const WEBHOOKS_ADDRESS: u32 = 600;
/// Tries a minute: gateways that one store tries.
const TRIALS_STORE: u32 = 10;
/// Keys that a limiter holds before it is looked for those that are not needed any more.
const MANY_KEYS: usize = 10_000;

impl Limits {
    /// The usual limits.
    #[must_use]
    pub fn usual() -> Self {
        let quota = |tries| Quota::per_minute(NonZeroU32::new(tries).unwrap_or(NonZeroU32::MIN));
        Self(Some(Groups {
            log_in_by_account: RateLimiter::keyed(quota(LOG_IN_ACCOUNT)),
            log_in_by_address: RateLimiter::keyed(quota(LOG_IN_ADDRESS)),
            opening_by_address: RateLimiter::keyed(quota(OPENING_ADDRESS)),
            reviews_by_address: RateLimiter::keyed(quota(REVIEWS_ADDRESS)),
            letters_by_sender: RateLimiter::keyed(quota(LETTERS_SENDER)),
            letters_by_reader: RateLimiter::keyed(quota(LETTERS_READER)),
            payments_by_address: RateLimiter::keyed(quota(PAYMENTS_ADDRESS)),
            webhooks_by_address: RateLimiter::keyed(quota(WEBHOOKS_ADDRESS)),
            trials_by_store: RateLimiter::keyed(quota(TRIALS_STORE)),
            sweeps: RateLimiter::direct(Quota::per_second(NonZeroU32::MIN)),
            clock: DefaultClock::default(),
        }))
    }

    /// No limits: for development and load tests.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// Counts a log-in to `account` from `address`.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub(crate) fn log_in(&self, account: String, address: IpAddr) -> Result<(), Problem> {
        let Some(groups) = &self.0 else { return Ok(()) };
        groups.check(&groups.log_in_by_address, &network(address), LOG_IN_ADDRESS)?;
        groups.check(&groups.log_in_by_account, &account, LOG_IN_ACCOUNT)
    }

    /// Counts a try with a mailed token from `address`. Whose account it is shows only when the token is found, and one
    /// that nobody can guess needs no limit of its own: a limit for all of a store would let one person shut out the rest.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub(crate) fn mailed_token(&self, address: IpAddr) -> Result<(), Problem> {
        let Some(groups) = &self.0 else { return Ok(()) };
        groups.check(&groups.log_in_by_address, &network(address), LOG_IN_ADDRESS)
    }

    /// Counts a try on an account of which the address is not known to matter.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub(crate) fn account(&self, account: String) -> Result<(), Problem> {
        let Some(groups) = &self.0 else { return Ok(()) };
        groups.check(&groups.log_in_by_account, &account, LOG_IN_ACCOUNT)
    }

    /// Counts the opening of a store from `address`.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub(crate) fn opening(&self, address: IpAddr) -> Result<(), Problem> {
        let Some(groups) = &self.0 else { return Ok(()) };
        groups.check(&groups.opening_by_address, &network(address), OPENING_ADDRESS)
    }

    /// Counts a review that is written in `store` from `address`.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub(crate) fn review(&self, store: TenantId, address: IpAddr) -> Result<(), Problem> {
        let Some(groups) = &self.0 else { return Ok(()) };
        groups.check(&groups.reviews_by_address, &(store, network(address)), REVIEWS_ADDRESS)
    }

    /// Counts a payment that is begun, or a buyer who comes back from one, in `store` from `address`.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub(crate) fn payment(&self, store: TenantId, address: IpAddr) -> Result<(), Problem> {
        let Some(groups) = &self.0 else { return Ok(()) };
        groups.check(&groups.payments_by_address, &(store, network(address)), PAYMENTS_ADDRESS)
    }

    /// Counts a provider's call, or what says that it is one, to `store` from `address`.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub(crate) fn webhook(&self, store: TenantId, address: IpAddr) -> Result<(), Problem> {
        let Some(groups) = &self.0 else { return Ok(()) };
        groups.check(&groups.webhooks_by_address, &(store, network(address)), WEBHOOKS_ADDRESS)
    }

    /// Counts a trial of a gateway by `store`.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub(crate) fn gateway_trial(&self, store: TenantId) -> Result<(), Problem> {
        let Some(groups) = &self.0 else { return Ok(()) };
        groups.check(&groups.trials_by_store, &store, TRIALS_STORE)
    }

    /// Counts a private letter from `sender` to `reader`.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub(crate) fn letter(&self, store: TenantId, sender: Uuid, reader: Uuid) -> Result<(), Problem> {
        let Some(groups) = &self.0 else { return Ok(()) };
        groups.check(&groups.letters_by_sender, &(store, sender), LETTERS_SENDER)?;
        groups.check(&groups.letters_by_reader, &(store, reader), LETTERS_READER)
    }
}

impl Groups {
    fn check<K: Clone + Eq + std::hash::Hash>(
        &self,
        limiter: &DefaultKeyedRateLimiter<K>,
        key: &K,
        quota: u32,
    ) -> Result<(), Problem> {
        if limiter.len() > MANY_KEYS && self.sweeps.check().is_ok() {
            // Keys that have their full quota again are as good as unknown.
            limiter.retain_recent();
        }
        let Err(until) = limiter.check_key(key) else { return Ok(()) };
        Err(too_many(until.wait_time_from(self.clock.now()).as_secs() + 1, quota))
    }
}

/// By draft-ietf-httpapi-ratelimit-headers-11.
fn too_many(seconds: u64, quota: u32) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "request.too_many", format!("too many tries; wait {seconds} seconds"))
        .with_header(header::RETRY_AFTER, seconds.to_string())
        .with_header(header::HeaderName::from_static("ratelimit-policy"), format!("\"tries\";q={quota};w=60"))
        .with_header(header::HeaderName::from_static("ratelimit"), format!("\"tries\";r=0;t={seconds}"))
}
