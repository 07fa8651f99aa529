//! What requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::MasterKey;
use domain::gateways::{Loader, Vault};
use domain::identity::{IdentityError, Passwords, TokenKeys};
use domain::images::Studio;
use domain::orders::OrderTokens;
use domain::payments::Teller;
use gateway::Gateways;
use ipnet::IpNet;
use tenants::{Directory, PlatformDb, TenantDb};

use crate::answers::{Answers, Memory};
use crate::guard::Principals;
use crate::http::Cursors;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::policy::Policy;
use crate::prices::Prices;

/// What an [`App`] is made of.
pub struct AppOptions {
    /// The database, for requests of a store.
    pub tenants: TenantDb,
    /// The database, for the platform.
    pub platform: PlatformDb,
    /// The deployment's secret.
    pub master: MasterKey,
    /// The address that stores are below: `acme.{base_domain}`. Without a port.
    pub base_domain: String,
    /// How a browser reaches the deployment: scheme, base domain and port, without a path.
    pub base_url: String,
    /// Proxies whose word is taken for who a client is.
    pub trusted_proxies: Vec<IpNet>,
    /// How a browser reaches what is below `/media`: without a path.
    pub media_url: String,
    /// How many passwords are hashed at once.
    pub password_seats: usize,
    /// Makes pictures ready, and keeps them.
    pub studio: Studio,
    /// Runs payment gateways.
    pub gateways: Arc<dyn Gateways>,
    /// How often a caller may try.
    pub limits: Limits,
    /// Counts requests.
    pub metrics: Metrics,
    /// How answers of the catalogue are remembered.
    pub memory: Memory,
    /// Whether shoppers must confirm their address before they are let in.
    pub confirms_emails: bool,
}

/// What requests share.
pub struct App {
    pub(crate) tenants: TenantDb,
    pub(crate) platform: PlatformDb,
    pub(crate) directory: Directory,
    pub(crate) passwords: Passwords,
    pub(crate) tokens: TokenKeys,
    pub(crate) studio: Studio,
    pub(crate) vault: Vault,
    pub(crate) loader: Loader,
    pub(crate) teller: Teller,
    pub(crate) policy: Policy,
    pub(crate) cursors: Cursors,
    pub(crate) order_tokens: OrderTokens,
    pub(crate) limits: Limits,
    pub(crate) metrics: Metrics,
    pub(crate) base_domain: String,
    pub(crate) base_url: String,
    pub(crate) media_url: String,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) principals: Principals,
    pub(crate) prices: Prices,
    pub(crate) answers: Answers,
    pub(crate) confirms_emails: bool,
    draining: AtomicBool,
}

impl App {
    /// Puts the parts together.
    ///
    /// # Errors
    /// Where the policy that this build carries can't be read, or the random source fails.
    pub async fn new(options: AppOptions) -> Result<Self, AppError> {
        let (vault, loader) = (Vault::new(&options.master), Loader::new(options.gateways));
        let teller = Teller::new(options.tenants.clone(), vault.clone(), loader.clone(), options.base_url.clone());
        Ok(Self {
            directory: Directory::new(options.tenants.clone()),
            tenants: options.tenants,
            platform: options.platform,
            passwords: Passwords::new(options.password_seats)?,
            studio: options.studio,
            vault,
            loader,
            teller,
            cursors: Cursors::new(options.master.derive("cursors")),
            order_tokens: OrderTokens::of_deployment(&options.master),
            tokens: TokenKeys::new(options.master),
            policy: Policy::load().await?,
            limits: options.limits,
            metrics: options.metrics,
            base_domain: options.base_domain.to_ascii_lowercase(),
            base_url: options.base_url,
            media_url: options.media_url,
            trusted_proxies: options.trusted_proxies,
            principals: Principals::new(),
            prices: Prices::default(),
            answers: Answers::new(options.memory),
            confirms_emails: options.confirms_emails,
            draining: AtomicBool::new(false),
        })
    }

    /// Says that the process is about to stop: from now on it is not ready for new work.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// The address of a store's storefront: from its registered name, never from a request.
    pub(crate) fn store_url(&self, slug: &str) -> String {
        domain::mail::store_url(&self.base_url, slug)
    }
}

/// Why an [`App`] could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The policy.
    #[error("the policy of roles and permissions can't be read: {0}")]
    Policy(#[from] casbin::Error),
    /// The hashing of passwords.
    #[error("passwords can't be hashed: {0}")]
    Passwords(#[from] IdentityError),
}
