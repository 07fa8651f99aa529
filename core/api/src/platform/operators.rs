//! Operators, and what they did.

use domain::audit::{self, Entry, EntryId};
use domain::identity::{self, Email, NewUser, OperatorId, Password, PersonName};
use kernel::Limit;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::audit::{AuditPage, EntryShown};
use crate::guard::OperatorCaller;
use crate::http::{Answer, Body, Created, Done, Fail, In, OperatorActs, OperatorMakes, OperatorReads, json};
use crate::session::AccountShown;
use crate::tag::Tag;

pub(crate) struct OperatorsApi;

#[OpenApi]
impl OperatorsApi {
    /// List operators
    ///
    /// In the order in which they came, page by page.
    #[oai(path = "/operators", method = "get", operation_id = "listOperators", tag = "Tag::Operators")]
    async fn list(
        &self,
        caller: OperatorCaller,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<OperatorPage>, Fail<OperatorReads>> {
        let cursors = &caller.app().cursors;
        let after: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&"operators", &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = identity::list_operators(&mut caller.begin().await?, after.map(OperatorId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|operator| operator.id.0);
        let next_cursor = last.and_then(|id| cursors.seal(&"operators", &id));
        Ok(Answer::plain(&OperatorPage { items: page.items.iter().map(AccountShown::from).collect(), next_cursor })?)
    }

    /// Add an operator
    ///
    /// With a password to be changed at the first log-in.
    #[oai(path = "/operators", method = "post", operation_id = "addOperator", tag = "Tag::Operators")]
    async fn add(
        &self,
        caller: OperatorCaller,
        body: Body<NewOperatorBody>,
    ) -> Result<Created<AccountShown>, Fail<OperatorMakes>> {
        let NewOperatorBody { email, password, name } = body.0;
        let password = caller.app().passwords.hash(password.0).await?;
        let new = NewUser { email: email.0, name: name.0, password };
        let mut change = caller.change().await?;
        let id = identity::add_operator(change.tx(), &new).await?;
        let shown = AccountShown::from(&identity::operator(change.tx(), id).await?);
        change.commit(Entry::new("addOperator", "operator", id).after(json(&shown))).await?;
        Ok(Created::at(format!("/platform/v1/operators/{id}"), &shown, 1)?)
    }

    /// Remove an operator
    ///
    /// With all log-ins. The last one stays.
    #[oai(path = "/operators/:id", method = "delete", operation_id = "removeOperator", tag = "Tag::Operators")]
    async fn remove(
        &self,
        caller: OperatorCaller,
        /// The operator's id.
        id: Path<Uuid>,
    ) -> Result<Done, Fail<OperatorActs>> {
        let id = OperatorId(id.0);
        let mut change = caller.change().await?;
        let before = AccountShown::from(&identity::remove_operator(change.tx(), id).await?);
        change.commit(Entry::new("removeOperator", "operator", id).before(json(&before))).await?;
        Ok(Done)
    }

    /// Read the platform's audit
    ///
    /// Every write by operators, the newest first, page by page.
    #[oai(path = "/audit", method = "get", operation_id = "listAudit", tag = "Tag::Audit")]
    async fn audit(
        &self,
        caller: OperatorCaller,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<AuditPage>, Fail<OperatorReads>> {
        let cursors = &caller.app().cursors;
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&"audit", &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = audit::list_platform(&mut caller.begin().await?, before.map(EntryId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|entry| entry.id);
        let next_cursor = last.and_then(|id| cursors.seal(&"audit", &id));
        Ok(Answer::plain(&AuditPage { items: page.items.into_iter().map(EntryShown::from).collect(), next_cursor })?)
    }
}

fn twenty() -> u8 {
    20
}

/// An operator to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOperatorBody {
    /// The operator's e-mail address.
    email: In<Email>,
    /// A first password.
    password: In<Password>,
    /// The operator's name.
    name: In<PersonName>,
}

/// A page of operators.
#[derive(Object, Serialize)]
struct OperatorPage {
    /// The operators.
    items: Vec<AccountShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}
