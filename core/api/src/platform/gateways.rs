//! The registry of payment gateways, as operators keep it.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::gateways::{self, Description, GatewayName, GatewaysError, Registered, VersionNumber, VersionStep};
use kernel::{FieldError, Text as _};
use poem_openapi::param::{Path, Query};
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::guard::OperatorCaller;
use crate::http::{
    Answer, Component, Created, Fail, Found, In, OperatorActs, OperatorMakes, OperatorReads, Problem, Versioned, json,
};
use crate::tag::Tag;

pub(crate) struct GatewaysApi;

/// The largest component that is taken: 2 MiB.
const LARGEST: usize = 2 * 1024 * 1024;

#[OpenApi(prefix_path = "/gateways", tag = "Tag::Gateways")]
impl GatewaysApi {
    /// List gateways
    ///
    /// All versions of all payment gateways: by gateway, the newest first, page by page. For operators.
    #[oai(path = "/", method = "get", operation_id = "listGatewayVersions")]
    async fn list(
        &self,
        caller: OperatorCaller,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<VersionPage>, Fail<OperatorReads>> {
        let cursors = &caller.app().cursors;
        let after: Option<String> = cursor.0.map(|cursor| cursors.open(&"gateways", &cursor)).transpose()?;
        let all = gateways::list(&mut caller.begin().await?).await?;
        // Versions are few, and none ever goes.
        let place = |id: &String| all.iter().position(|found| found.version.id.to_string() == *id);
        let begin = after.as_ref().and_then(place).map_or(0, |place| place + 1);
        let end = all.len().min(begin + usize::from(limit.0));
        let last = all[begin..end].last().filter(|_| end < all.len()).map(|found| found.version.id.to_string());
        let shown = VersionPage {
            items: all[begin..end].iter().map(VersionShown::new).collect(),
            next_cursor: last.and_then(|id| cursors.seal(&"gateways", &id)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Upload a gateway
    ///
    /// The body is the component: at most 2 MiB, built for the contract of `plugins/wit`. It is compiled, asked what it is,
    /// and registered as that; no store can choose it before it is approved. It may never do more than what is shown here: talk
    /// to other hosts, say. The same bytes again are the version that is there: 200. Other bytes need a new version. For
    /// operators.
    #[oai(path = "/", method = "post", operation_id = "uploadGateway")]
    async fn upload(
        &self,
        caller: OperatorCaller,
        /// What the component must call itself; where it is left out, whatever it does.
        gateway: Query<Option<In<GatewayName>>>,
        body: Component<LARGEST>,
    ) -> Result<Found<VersionShown>, Fail<OperatorMakes>> {
        let bytes = body.read().await?;
        let found = caller.app().loader.gateways().inspect(&bytes).await.map_err(GatewaysError::Component)?;
        let new = Description::of(found)?;
        if gateway.0.as_ref().is_some_and(|wanted| wanted.0 != new.gateway) {
            let detail = format!("the component calls itself `{}`", new.gateway.as_str());
            return Err(Problem::of_field(FieldError::new("/query/gateway", detail)).into());
        }
        let mut change = caller.change().await?;
        let (found, is_new) = gateways::upload(change.tx(), caller.operator.0, &new, &bytes).await?;
        let shown = VersionShown::new(&found);
        if !is_new {
            return Ok(Found::Known(Answer::of_version(&shown, found.row_version)?));
        }
        change.commit(Entry::new("uploadGateway", "gateway_version", shown.name_of_both()).after(json(&shown))).await?;
        let location = format!("/platform/v1/gateways/{}/versions/{}", shown.gateway, shown.version);
        Ok(Found::Created(Created::at(location, &shown, found.row_version)?))
    }

    /// Get a version of a gateway
    ///
    /// What it is and may do, as it said itself when it was registered. For operators.
    #[oai(path = "/:gateway/versions/:version", method = "get", operation_id = "getGatewayVersion")]
    async fn get(
        &self,
        caller: OperatorCaller,
        /// The gateway's name.
        gateway: Path<In<GatewayName>>,
        /// The version's number.
        version: Path<In<VersionNumber>>,
    ) -> Result<Versioned<VersionShown>, Fail<OperatorReads>> {
        let found = gateways::get(&mut caller.begin().await?, &gateway.0.0, &version.0.0).await?;
        Ok(Answer::of_version(&VersionShown::new(&found), found.row_version)?)
    }

    /// Approve a version of a gateway
    ///
    /// Stores can choose it from now on; those that use another keep that. For operators.
    #[oai(path = "/:gateway/versions/:version/approve", method = "post", operation_id = "approveGatewayVersion")]
    async fn approve(
        &self,
        caller: OperatorCaller,
        /// The gateway's name.
        gateway: Path<In<GatewayName>>,
        /// The version's number.
        version: Path<In<VersionNumber>>,
    ) -> Result<Versioned<VersionShown>, Fail<OperatorActs>> {
        Ok(step(&caller, &gateway.0.0, &version.0.0, VersionStep::Approve, "approveGatewayVersion").await?)
    }

    /// Withdraw a version of a gateway
    ///
    /// No new payment begins with it, also in stores that use it: they are told to choose another. Payments that were begun with
    /// it end with it. It may be approved again. For operators.
    #[oai(path = "/:gateway/versions/:version/withdraw", method = "post", operation_id = "withdrawGatewayVersion")]
    async fn withdraw(
        &self,
        caller: OperatorCaller,
        /// The gateway's name.
        gateway: Path<In<GatewayName>>,
        /// The version's number.
        version: Path<In<VersionNumber>>,
    ) -> Result<Versioned<VersionShown>, Fail<OperatorActs>> {
        Ok(step(&caller, &gateway.0.0, &version.0.0, VersionStep::Withdraw, "withdrawGatewayVersion").await?)
    }
}

async fn step(
    caller: &OperatorCaller,
    gateway: &GatewayName,
    number: &VersionNumber,
    step: VersionStep,
    action: &'static str,
) -> Result<Versioned<VersionShown>, Problem> {
    let mut change = caller.change().await?;
    let before = gateways::get(change.tx(), gateway, number).await?;
    let (found, changed) = gateways::step(change.tx(), caller.operator.0, before.version.id, step).await?;
    let shown = VersionShown::new(&found);
    if changed {
        let entry = Entry::new(action, "gateway_version", shown.name_of_both());
        change.commit(entry.before(json(&VersionShown::new(&before))).after(json(&shown))).await?;
    }
    Answer::of_version(&shown, found.row_version)
}

fn twenty() -> u8 {
    20
}

/// A page of versions of gateways.
#[derive(Object, Serialize)]
#[oai(rename = "GatewayVersionPage")]
struct VersionPage {
    /// The versions.
    items: Vec<VersionShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// A version of a payment gateway.
#[derive(Object, Serialize)]
#[oai(rename = "GatewayVersion")]
struct VersionShown {
    /// The gateway's name, for good.
    gateway: String,
    /// The version's number (semantic versioning).
    version: String,
    /// What people are shown.
    name: String,
    /// `uploaded`, `approved` or `withdrawn`.
    state: String,
    /// The SHA-256 of the component, in hexadecimal.
    sha256: String,
    /// How many bytes the component has.
    size: i64,
    /// The version of the contract that it was built for.
    contract: String,
    /// The interfaces that it imports.
    imports: Vec<String>,
    /// The only hosts that it may talk to.
    hosts: Vec<String>,
    /// What it can do besides taking payments: `captures`, `refunds`, `webhooks`, `inquiry`, `reconciliation`.
    capabilities: Vec<String>,
    /// The currencies that it takes (ISO 4217); every one where there is none.
    currencies: Vec<String>,
    /// JSON Schema (2020-12) of what a store sets; what is `writeOnly` is a secret.
    settings_schema: Any<Value>,
    /// Whether it came with the program instead of an upload.
    bundled: bool,
    /// Who changed its state last; all zeros for the program itself and for a command on the server.
    operator_id: Uuid,
    /// Counts the changes of its state; the same as in `ETag`.
    revision: i64,
    /// When it was registered.
    created_at: DateTime<Utc>,
    /// When its state was last changed.
    updated_at: DateTime<Utc>,
}

impl VersionShown {
    fn new(found: &Registered) -> Self {
        let version = &found.version;
        Self {
            gateway: version.gateway.as_str().to_owned(),
            version: version.number.as_str().to_owned(),
            name: version.name.clone(),
            state: version.state.to_string(),
            sha256: version.id.to_string(),
            size: found.size,
            contract: found.contract.clone(),
            imports: found.imports.clone(),
            hosts: version.hosts.clone(),
            capabilities: version.capabilities.iter().map(|can| can.as_str().to_owned()).collect(),
            currencies: version.currencies.iter().map(|currency| currency.code().to_owned()).collect(),
            settings_schema: Any(serde_json::from_str(&version.settings_schema).unwrap_or_default()),
            bundled: found.bundled,
            operator_id: found.operator,
            revision: found.row_version,
            created_at: version.created_at,
            updated_at: found.updated_at,
        }
    }

    fn name_of_both(&self) -> impl Display {
        format!("{} {}", self.gateway, self.version)
    }
}
