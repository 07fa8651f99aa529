//! One version of a gateway, ready to be called.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use gateway::{
    Call, Callback, Capability, ComponentError, Gateway, GatewayError, GatewayInfo, Outcome, PaymentRef,
    PaymentRequest, RawRequest, RefundOutcome, RefundRequest, Session, Soon, Unverified, WebhookEvent,
};
use kernel::Money;
use tokio::time::timeout;
use wasmtime::component::{Component, Instance, InstancePre, Linker};
use wasmtime::{Result, Trap};

use crate::bindings::captures::WithCapturesIndices;
use crate::bindings::inquiry::WithInquiryIndices;
use crate::bindings::reconciliation::WithReconciliationIndices;
use crate::bindings::refunds::WithRefundsIndices;
use crate::bindings::webhooks::WithWebhooksIndices;
use crate::bindings::{PaymentGatewayIndices, stoa};
use crate::call::{Bounded, Shared, sentence};
use crate::component::Surface;
use crate::engine::SEATS;
use crate::imports::{Imports, Running};
use crate::secrets::Secrets;
use crate::{answers, description, questions};

/// One version of a gateway.
pub(crate) struct Version {
    shared: Arc<Shared>,
    pre: InstancePre<Running>,
    seats: u32,
    info: GatewayInfo,
    name: Arc<str>,
    hosts: Arc<[String]>,
    gateway: PaymentGatewayIndices,
    captures: Option<WithCapturesIndices>,
    refunds: Option<WithRefundsIndices>,
    webhooks: Option<WithWebhooksIndices>,
    inquiry: Option<WithInquiryIndices>,
    reconciliation: Option<WithReconciliationIndices>,
}

impl Version {
    /// Links what was compiled, and asks it what it is.
    pub(crate) async fn new(
        shared: Arc<Shared>,
        linker: &Linker<Running>,
        component: &Component,
        surface: &Surface,
    ) -> Result<Self, ComponentError> {
        let pre = linker.instantiate_pre(component).map_err(misfit)?;
        let can = |capability| surface.capabilities.contains(&capability);
        let mut version = Self {
            seats: seats(component)?,
            gateway: PaymentGatewayIndices::new(&pre).map_err(misfit)?,
            captures: can(Capability::Captures).then(|| WithCapturesIndices::new(&pre)).transpose().map_err(misfit)?,
            refunds: can(Capability::Refunds).then(|| WithRefundsIndices::new(&pre)).transpose().map_err(misfit)?,
            webhooks: can(Capability::Webhooks).then(|| WithWebhooksIndices::new(&pre)).transpose().map_err(misfit)?,
            inquiry: can(Capability::Inquiry).then(|| WithInquiryIndices::new(&pre)).transpose().map_err(misfit)?,
            reconciliation: can(Capability::Reconciliation)
                .then(|| WithReconciliationIndices::new(&pre))
                .transpose()
                .map_err(misfit)?,
            info: unknown(),
            name: "".into(),
            hosts: [].into(),
            shared,
            pre,
        };
        let described = timeout(version.shared.limits.call, version.describe()).await;
        let described = described.map_err(|_| ComponentError::TooSlow("it does not say what it is".to_owned()))?;
        let described = described.map_err(|err| match err.downcast_ref::<Trap>() {
            Some(Trap::Interrupt | Trap::OutOfFuel) => ComponentError::TooSlow(sentence(&err)),
            _ => ComponentError::Description(sentence(&err)),
        })?;
        version.info = description::read(described, &surface.capabilities)?;
        version.name = version.info.id.as_str().into();
        version.hosts = version.info.allowed_hosts.clone().into();
        Ok(version)
    }

    /// What the component says that it is; and that each of its exports has the type that the contract gives it.
    async fn describe(&self) -> Result<stoa::gateway::types::GatewayInfo> {
        let (Bounded { mut store, .. }, instance) = self.shared.instantiate(&self.pre, self.seats, None).await?;
        macro_rules! fits {
            ($($ability:ident),*) => { $(if let Some(ability) = &self.$ability { ability.load(&mut store, &instance)?; })* };
        }
        fits!(captures, refunds, webhooks, inquiry, reconciliation);
        let gateway = self.gateway.load(&mut store, &instance)?;
        gateway.stoa_gateway_gateway().call_describe(&mut store).await
    }

    async fn begin(&self, call: &Call, sent: &Arc<AtomicBool>) -> Result<(Bounded, Instance)> {
        let imports = Imports {
            store: call.store,
            gateway: Arc::clone(&self.name),
            hosts: Arc::clone(&self.hosts),
            allow_loopback: self.shared.allow_loopback,
            clock: self.shared.clock.clone(),
            secrets: Secrets::new(Arc::clone(&call.settings)),
            fetch: Arc::clone(&self.shared.fetch),
            sent: Arc::clone(sent),
            fetches: Imports::FETCHES,
            log: Imports::LOG,
        };
        self.shared.instantiate(&self.pre, self.seats, Some(imports)).await
    }
}

/// Calls a function of a component in an instance of its own, and reads the answer.
macro_rules! call {
    ($self:ident, $call:ident, $ability:expr, $interface:ident.$function:ident($($argument:expr),*), $read:expr) => {
        Box::pin(async move {
            let Some(ability) = $ability else {
                return Err(GatewayError::Unsupported("it has no such function".to_owned()));
            };
            let sent = Arc::new(AtomicBool::new(false));
            let answer = async {
                let (Bounded { store, .. }, instance) = &mut $self.begin($call, &sent).await?;
                let exports = ability.load(&mut *store, instance)?;
                exports.$interface().$function(store, $($argument),*).await
            };
            $self.shared.conclude(&sent, answer, $read).await
        })
    };
}

impl Gateway for Version {
    fn info(&self) -> &GatewayInfo {
        &self.info
    }

    fn create_payment<'a>(&'a self, call: &'a Call, request: &'a PaymentRequest) -> Soon<'a, Session> {
        let request = questions::payment_request(request);
        let allow_loopback = self.shared.allow_loopback;
        call!(self, call, Some(&self.gateway), stoa_gateway_gateway.call_create_payment(&request), |session| {
            answers::session(session, allow_loopback)
        })
    }

    fn verify_payment<'a>(&'a self, call: &'a Call, callback: &'a Callback) -> Soon<'a, Outcome> {
        let callback = questions::callback(callback);
        call!(self, call, Some(&self.gateway), stoa_gateway_gateway.call_verify_payment(&callback), answers::outcome)
    }

    fn capture<'a>(&'a self, call: &'a Call, payment: &'a PaymentRef, amount: Money) -> Soon<'a, Outcome> {
        let (payment, amount) = (questions::payment(payment), questions::money(amount));
        call!(self, call, &self.captures, stoa_gateway_captures.call_capture(&payment, &amount), answers::outcome)
    }

    fn void<'a>(&'a self, call: &'a Call, payment: &'a PaymentRef) -> Soon<'a, Outcome> {
        let payment = questions::payment(payment);
        call!(self, call, &self.captures, stoa_gateway_captures.call_void(&payment), answers::outcome)
    }

    fn refund<'a>(&'a self, call: &'a Call, request: &'a RefundRequest) -> Soon<'a, RefundOutcome> {
        let request = questions::refund(request);
        call!(self, call, &self.refunds, stoa_gateway_refunds.call_refund(&request), answers::refund)
    }

    fn handle_webhook<'a>(&'a self, call: &'a Call, request: &'a RawRequest) -> Soon<'a, WebhookEvent> {
        let request = questions::raw_request(request);
        call!(self, call, &self.webhooks, stoa_gateway_webhooks.call_handle_webhook(&request), answers::event)
    }

    fn inquire<'a>(&'a self, call: &'a Call, payment: &'a PaymentRef) -> Soon<'a, Outcome> {
        let payment = questions::payment(payment);
        call!(self, call, &self.inquiry, stoa_gateway_inquiry.call_inquire(&payment), answers::outcome)
    }

    fn list_unverified<'a>(&'a self, call: &'a Call, sandbox: bool) -> Soon<'a, Vec<Unverified>> {
        call!(
            self,
            call,
            &self.reconciliation,
            stoa_gateway_reconciliation.call_list_unverified(sandbox),
            answers::unverified
        )
    }
}

/// How many of the process's seats one instance takes: as many as it has memories, or tables by three.
fn seats(component: &Component) -> Result<u32, ComponentError> {
    let needs = component.resources_required();
    let needs =
        needs.ok_or_else(|| ComponentError::Malformed("it is made of modules that it does not hold".to_owned()))?;
    Ok(needs.num_memories.max(needs.num_tables.div_ceil(3)).clamp(1, SEATS / 8))
}

fn misfit(err: wasmtime::Error) -> ComponentError {
    let line: String = err.to_string().lines().next().unwrap_or_default().chars().take(300).collect();
    ComponentError::Malformed(line)
}

/// What stands for a description until the component was asked.
fn unknown() -> GatewayInfo {
    GatewayInfo {
        id: String::new(),
        name: String::new(),
        version: String::new(),
        settings_schema: String::new(),
        allowed_hosts: Vec::new(),
        currencies: Vec::new(),
        capabilities: Vec::new(),
    }
}
