//! Payment gateways, as a store chooses and sets them.

mod shown;

use domain::audit::Entry;
use domain::gateways::{self, GatewayName, GatewaysError, MOST_SETTINGS, SettingsSchema, VersionNumber, Wanted};
use kernel::Text as _;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use serde_json::json;

use self::shown::{GatewayList, GatewayShown, TrialShown};
use crate::guard::{Allowed, may};
use crate::http::{Answer, Body, Changes, Done, Expected, Fail, In, Reads, Removes, Tries, Values, Versioned, given};
use crate::tag::Tag;

pub(crate) struct GatewaysApi;

#[OpenApi(prefix_path = "/gateways", tag = "Tag::Gateways")]
impl GatewaysApi {
    /// List gateways
    ///
    /// All payment gateways that the store can choose or has chosen, by their names. Paying the carrier needs none: it is a
    /// setting of the store.
    #[oai(path = "/", method = "get", operation_id = "listGateways")]
    async fn list(&self, caller: Allowed<may::ReadGateways>) -> Result<Answer<GatewayList>, Fail<Reads>> {
        let offers = gateways::offers(&mut caller.begin_read().await?).await?;
        let items = offers.iter().map(|offer| GatewayShown::new(offer, caller.store.currency)).collect();
        Ok(Answer::plain(&GatewayList { items })?)
    }

    /// Get a gateway
    ///
    /// What it is, whom it talks to, which settings it takes and which are set. Of secrets it says only whether they are set.
    /// The version is 0 where the store never chose it.
    #[oai(path = "/:gateway", method = "get", operation_id = "getGateway")]
    async fn get(
        &self,
        caller: Allowed<may::ReadGateways>,
        /// The gateway's name.
        gateway: Path<In<GatewayName>>,
    ) -> Result<Versioned<GatewayShown>, Fail<Reads>> {
        let offer = gateways::offer(&mut caller.begin_read().await?, &gateway.0.0).await?;
        Ok(Answer::of_version(&GatewayShown::new(&offer, caller.store.currency), offer.row_version())?)
    }

    /// Switch a gateway on, or change what is set
    ///
    /// Buyers can choose it at once. The settings must fit `settings_schema` of the version; those left out are not set any
    /// more, but for secrets: one that is left out keeps its value, and null takes it away. Payments that are under way go on
    /// with the version that they were begun with.
    #[oai(path = "/:gateway", method = "put", operation_id = "setGateway")]
    async fn set(
        &self,
        caller: Allowed<may::WriteGateways>,
        /// The gateway's name.
        gateway: Path<In<GatewayName>>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<GatewayBody>,
    ) -> Result<Versioned<GatewayShown>, Fail<Changes>> {
        let (gateway, currency) = (gateway.0.0, caller.store.currency);
        let GatewayBody { version, sandbox, settings } = body.0;
        let number = version.map(|version| version.0);
        let version = gateways::pick(&mut caller.begin_read().await?, &gateway, number.as_ref(), currency).await?;
        // Compiling it is no work for a transaction.
        let schema = SettingsSchema::parse(&version.settings_schema).map_err(GatewaysError::from)?;
        let given: Vec<_> = settings.0.keys().filter(|name| schema.secrets().contains(*name)).cloned().collect();
        let wanted = Wanted { sandbox: sandbox.unwrap_or(false), settings: settings.0 };
        let mut change = caller.change().await?;
        let before = gateways::offer(change.tx(), &gateway).await?;
        let vault = &caller.app().vault;
        gateways::enable(change.tx(), vault, (&version, &schema), wanted, expected.0).await?;
        let after = gateways::offer(change.tx(), &gateway).await?;
        let shown = GatewayShown::new(&after, currency);
        let entry = Entry::new("setGateway", "gateway", gateway.as_str());
        let now = json!({ "is": shown.audited(), "secrets_written": given });
        let entry = entry.before(GatewayShown::new(&before, currency).audited()).after(now);
        change.commit(entry).await?;
        Ok(Answer::of_version(&shown, after.row_version())?)
    }

    /// Switch a gateway off
    ///
    /// No new payment begins with it. What was set for it is forgotten, unless payments through it are under way or could be
    /// given back: they need it.
    #[oai(path = "/:gateway", method = "delete", operation_id = "removeGateway")]
    async fn remove(
        &self,
        caller: Allowed<may::WriteGateways>,
        /// The gateway's name.
        gateway: Path<In<GatewayName>>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let (gateway, currency) = (gateway.0.0, caller.store.currency);
        let mut change = caller.change().await?;
        let before = gateways::offer(change.tx(), &gateway).await?;
        gateways::disable(change.tx(), &gateway, expected.0).await?;
        let entry = Entry::new("removeGateway", "gateway", gateway.as_str());
        change.commit(entry.before(GatewayShown::new(&before, currency).audited())).await?;
        Ok(Done)
    }

    /// Try a gateway
    ///
    /// Calls it once with what is set, in a way that does no harm: asks for what was paid and never verified, or for a payment
    /// that nobody knows, whichever it can do, and says what was tried and what came of it.
    #[oai(path = "/:gateway/test", method = "post", operation_id = "testGateway")]
    async fn test(
        &self,
        caller: Allowed<may::WriteGateways>,
        /// The gateway's name.
        gateway: Path<In<GatewayName>>,
    ) -> Result<Answer<TrialShown>, Fail<Tries>> {
        let (app, store) = (caller.app(), &caller.store);
        app.limits.gateway_trial(store.id)?;
        let mut tx = caller.begin_read().await?;
        gateways::offer(&mut tx, &gateway.0.0).await?;
        let found = gateways::of_store(&mut tx, &app.vault, &gateway.0.0).await?;
        drop(tx);
        let enabled = found.filter(|found| found.enabled).ok_or(GatewaysError::NotEnabled)?;
        let ready = app.loader.ready(&app.tenants, store.id, enabled.version).await?;
        let trial = gateways::try_out(&*ready, &enabled, store.currency).await;
        Ok(Answer::plain(&TrialShown::from(trial))?)
    }
}

/// What a store sets for a gateway.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct GatewayBody {
    /// The version to use; the newest that is approved where it is left out.
    #[serde(default, deserialize_with = "given")]
    version: Option<In<VersionNumber>>,
    /// Whether no real money moves; it does where this is left out.
    #[serde(default, deserialize_with = "given")]
    sandbox: Option<bool>,
    /// The settings, by their names.
    settings: Values<MOST_SETTINGS>,
}
