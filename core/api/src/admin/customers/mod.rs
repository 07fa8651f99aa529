//! Customers, as staff sees them, writes to them, and shows or forgets what is kept of them.

mod notes;
mod shown;

use domain::addresses;
use domain::audit::Entry;
use domain::customers::{self, CustomerError, CustomerFilter, LetterSubject, LetterText};
use domain::identity::{IdentityError, UserId};
use domain::payments;
use domain::privacy::{self, PrivacyError};
use kernel::{Limit, Text as _};
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use self::notes::NotesApi;
use self::shown::{CustomerPage, CustomerShown, ExportShown, ListedShown};
use crate::admin::orders::OrderShown;
use crate::guard::{Allowed, may};
use crate::http::{
    Accepted, Answer, Body, Done, Expected, Fail, In, Reads, Removes, SendsMail, Steps, Versioned, json,
};
use crate::tag::Tag;

pub(crate) struct CustomersApi;

#[OpenApi(prefix_path = "/customers", tag = "Tag::Customers")]
impl CustomersApi {
    /// List customers
    ///
    /// Everybody who has an account to shop with, the newest first, page by page.
    #[oai(path = "/", method = "get", operation_id = "listCustomers")]
    async fn list(
        &self,
        caller: Allowed<may::ReadCustomers>,
        /// Only those whose name or e-mail address begins like this, in capital letters or not.
        q: Query<Option<In<customers::Beginning>>>,
        /// Only those who keep an address, or only those who keep none.
        has_address: Query<Option<bool>>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<CustomerPage>, Fail<Reads>> {
        let filter = CustomerFilter { beginning: q.0.map(|q| q.0), has_address: has_address.0 };
        let beginning = filter.beginning.as_ref().map(|text| text.as_str().to_owned());
        let scope = ("customers", caller.store.id.0, beginning, filter.has_address);
        let cursors = &caller.app().cursors;
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let mut tx = caller.begin_read().await?;
        let page = customers::list_customers(&mut tx, &filter, before.map(UserId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|customer| customer.user.id.0);
        let next_cursor = last.and_then(|id| cursors.seal(&scope, &id));
        Ok(Answer::plain(&CustomerPage { items: page.items.iter().map(ListedShown::from).collect(), next_cursor })?)
    }

    /// Get a customer
    ///
    /// With the addresses.
    #[oai(path = "/:id", method = "get", operation_id = "getCustomer")]
    async fn get(
        &self,
        caller: Allowed<may::ReadCustomers>,
        /// The customer's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<CustomerShown>, Fail<Reads>> {
        let (id, mut tx) = (UserId(id.0), caller.begin_read().await?);
        let customer = customers::shopper(&mut tx, id).await?;
        let addresses = addresses::all_of(&mut tx, id).await?;
        Ok(Answer::of_version(&CustomerShown::new(&customer, &addresses), customer.version)?)
    }

    /// Write to a customer
    ///
    /// A private e-mail, in the name of the store. It leaves soon after.
    #[oai(path = "/:id/email", method = "post", operation_id = "emailCustomer")]
    async fn email(
        &self,
        caller: Allowed<may::EmailCustomers>,
        /// The customer's id.
        id: Path<Uuid>,
        body: Body<LetterBody>,
    ) -> Result<Accepted<LetterShown>, Fail<SendsMail>> {
        let (id, LetterBody { subject, text }) = (UserId(id.0), body.0);
        caller.app().limits.letter(caller.store.id, caller.user().0, id.0)?;
        let mut change = caller.change().await?;
        let letter = customers::write_letter(change.tx(), id, &subject.0, &text.0).await?;
        let shown =
            LetterShown { id: letter.0, subject: subject.0.as_str().to_owned(), text: text.0.as_str().to_owned() };
        change.commit(Entry::new("emailCustomer", "customer", id).about(id).after(json(&shown))).await?;
        Ok(Accepted::new(&shown)?)
    }

    /// Show everything that is kept of a customer
    ///
    /// All of it, for the person who asks. That it was shown is in the audit.
    #[oai(path = "/:id/export", method = "post", operation_id = "exportCustomer")]
    async fn export(
        &self,
        caller: Allowed<may::WriteCustomers>,
        /// The customer's id.
        id: Path<Uuid>,
    ) -> Result<Answer<ExportShown>, Fail<Steps>> {
        let id = UserId(id.0);
        let mut change = caller.change().await?;
        let kept = privacy::everything_of(change.tx(), id).await?;
        let mut orders = Vec::new();
        for order in &kept.orders {
            orders.push(OrderShown::new(order, &payments::of_order(change.tx(), order.id).await?));
        }
        let shown = ExportShown::new(&kept, orders, change.tx().now());
        change.commit(Entry::new("exportCustomer", "customer", id)).await?;
        Ok(Answer::plain(&shown)?)
    }

    /// Erase a customer
    ///
    /// The account and all that is the person's own, for good: addresses, wishlist, reviews with their stars, notes, mails
    /// under way, whose the orders were, and what the audit keeps of the person. Orders stay in the books, without name,
    /// address and note. Not while an order is open; and somebody who works here must leave the staff first.
    #[oai(path = "/:id", method = "delete", operation_id = "eraseCustomer")]
    async fn erase(
        &self,
        caller: Allowed<may::WriteCustomers>,
        /// The customer's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let id = UserId(id.0);
        let mut change = caller.change().await?;
        customers::shopper(change.tx(), id).await?;
        privacy::erase(change.tx(), id, expected.0).await.map_err(|err| match err {
            PrivacyError::Identity(IdentityError::NoAccount) => CustomerError::NoCustomer(id).into(),
            other => Fail::<Removes>::from(other),
        })?;
        change.commit(Entry::new("eraseCustomer", "customer", id)).await?;
        Ok(Done)
    }
}

fn twenty() -> u8 {
    20
}

/// A private e-mail.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct LetterBody {
    /// What it is headed with.
    subject: In<LetterSubject>,
    /// What it says.
    text: In<LetterText>,
}

/// A private e-mail on its way.
#[derive(Object, Serialize)]
#[oai(rename = "PrivateLetter")]
struct LetterShown {
    /// Its id.
    id: Uuid,
    /// What it is headed with.
    subject: String,
    /// What it says.
    text: String,
}
