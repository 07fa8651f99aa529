//! Ways to pay in the demo stores: Zarinpal, against a sandbox of it that this process runs, and the fake provider.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use domain::gateways::{self, Chosen, GatewayName, GatewaysError, SettingsSchema, Vault, Wanted};
use kernel::Text as _;
use kit::Providers;
use kit::fake::webhook_secret;
use serde_json::{Map, Value, json};
use tenants::TenantTx;
use tracing::{info, warn};

/// Where the providers listen, so that pages which a browser has open outlive a restart.
const PORTS: [u16; 2] = [4_101, 4_102];

/// Any will do.
const MERCHANT: &str = "00000000-0000-4000-8000-000000000000";

/// Starts the providers, at other ports where somebody else has theirs.
pub(super) async fn providers() -> Result<Providers> {
    let [zarinpal, fake] = PORTS.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    match kit::start(zarinpal, fake).await {
        Ok(providers) => Ok(providers),
        Err(_) => {
            let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            kit::start(anywhere, anywhere).await
        }
    }
}

/// Switches both on in a store, where it counts in a currency that they take; what somebody set otherwise stays. The providers
/// may be elsewhere than the last time.
pub(super) async fn offer(
    tx: &mut TenantTx,
    vault: &Vault,
    providers: &Providers,
    store: &tenants::registry::Store,
) -> Result<()> {
    let (zarinpal, fake) = (&providers.zarinpal, &providers.fake);
    let key = format!("fake_{}", store.slug.as_str());
    let settings = [
        (
            "zarinpal",
            json!({
                "merchant_id": MERCHANT, "sandbox_url": zarinpal.url(), "panel_url": zarinpal.panel_url(),
                "access_token": "demo", "terminal_id": "1",
            }),
            vec![("sandbox_url", zarinpal.url()), ("panel_url", zarinpal.panel_url())],
        ),
        (
            "fake",
            json!({ "url": fake.url(), "webhook_secret": webhook_secret(&key), "api_key": key }),
            vec![("url", fake.url())],
        ),
    ];
    for (name, settings, addresses) in settings {
        let name = GatewayName::parse(name).map_err(|err| anyhow::anyhow!("`{name}` {err}"))?;
        let chosen = match gateways::offer(tx, &name).await {
            Ok(offer) => offer.chosen,
            // It was not built, which was said.
            Err(GatewaysError::NoGateway) => continue,
            Err(err) => return Err(err.into()),
        };
        let Some(wanted) = wanted(chosen.as_ref(), settings, &addresses) else { continue };
        let version = match gateways::pick(tx, &name, None, store.currency).await {
            Ok(version) => version,
            Err(GatewaysError::WrongCurrency(_)) => continue,
            Err(err) => {
                warn!("The demo store `{}` can't be paid with `{}`: {err}", store.slug.as_str(), name.as_str());
                continue;
            }
        };
        let schema = SettingsSchema::parse(&version.settings_schema)?;
        gateways::enable(tx, vault, (&version, &schema), wanted, None).await?;
        info!("The demo store `{}` can be paid with `{}`", store.slug.as_str(), name.as_str());
    }
    Ok(())
}

/// What is to be set; none where nothing is.
fn wanted(chosen: Option<&Chosen>, first: Value, addresses: &[(&str, String)]) -> Option<Wanted> {
    let Some(chosen) = chosen else {
        let Value::Object(settings) = first else { return None };
        return Some(Wanted { sandbox: true, settings });
    };
    let mut settings: Map<_, _> = chosen.settings.clone();
    let here = |set: &Value| set.as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:"));
    for (name, url) in addresses {
        if settings.get(*name).is_some_and(here) {
            settings.insert((*name).to_owned(), json!(url));
        }
    }
    let moved = chosen.enabled && settings != chosen.settings;
    moved.then_some(Wanted { sandbox: chosen.sandbox, settings })
}
