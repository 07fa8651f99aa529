//! Who works here.

use chrono::{DateTime, Utc};
use domain::access::RoleName;
use domain::audit::Entry;
use domain::identity::{AccountLetter, Email, PersonName, UserId};
use domain::jobs;
use domain::mail::Occasion;
use domain::staff::{self, Invitation, InvitationId, Member, NewInvitation};
use kernel::{Limit, Text as _};
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::guard::{Allowed, may};
use crate::http::{
    Answer, Body, Changes, Created, Creates, Done, Expected, Fail, In, List, Reads, Removes, Steps, Versioned, json,
};
use crate::tag::Tag;

pub(crate) struct StaffApi;

#[OpenApi(tag = "Tag::Staff")]
impl StaffApi {
    /// List staff
    ///
    /// Everybody who works here, in the order in which they came, page by page.
    #[oai(path = "/staff", method = "get", operation_id = "listStaff")]
    async fn list(
        &self,
        caller: Allowed<may::ReadStaff>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<StaffPage>, Fail<Reads>> {
        let (scope, cursors) = (("staff", caller.store.id.0), &caller.app().cursors);
        let after: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = staff::list_members(&mut caller.begin_read().await?, after.map(UserId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|member| member.user.id.0);
        let next_cursor = last.and_then(|id| cursors.seal(&scope, &id));
        Ok(Answer::plain(&StaffPage { items: page.items.iter().map(MemberShown::from).collect(), next_cursor })?)
    }

    /// Invite somebody
    ///
    /// Sends a mail with a link that is good for seven days; whoever takes it up chooses a password. Nobody can give
    /// roles that reach beyond their own permissions. A new invitation to an address replaces the one before.
    #[oai(path = "/staff", method = "post", operation_id = "inviteStaff")]
    async fn invite(
        &self,
        caller: Allowed<may::WriteStaff>,
        body: Body<InvitationBody>,
    ) -> Result<Created<InvitationShown>, Fail<Creates>> {
        let InvitationBody { email, name, roles } = body.0;
        let new = NewInvitation { email: email.0, name: name.0, roles: role_names(roles) };
        let (own, policy) = (caller.permissions(), &caller.app().policy);
        let mut change = caller.change().await?;
        let invitation = staff::invite(change.tx(), caller.user(), own, policy, &new).await?;
        let shown = InvitationShown::from(&invitation);
        change
            .commit(Entry::new("inviteStaff", "invitation", invitation.id).about(&shown.email).after(json(&shown)))
            .await?;
        Ok(Created::at(format!("/admin/v1/invitations/{}", invitation.id), &shown, 1)?)
    }

    /// Get one of the staff
    ///
    /// Somebody who works here, with the roles.
    #[oai(path = "/staff/:id", method = "get", operation_id = "getStaff")]
    async fn get(
        &self,
        caller: Allowed<may::ReadStaff>,
        /// The person's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<MemberShown>, Fail<Reads>> {
        let member = staff::member(&mut caller.begin_read().await?, UserId(id.0)).await?;
        Ok(Answer::of_version(&MemberShown::from(&member), member.version)?)
    }

    /// Change somebody's roles
    ///
    /// Neither the old nor the new roles may reach beyond the caller's permissions, and the last owner stays one.
    #[oai(path = "/staff/:id", method = "patch", operation_id = "changeStaff")]
    async fn change(
        &self,
        caller: Allowed<may::WriteStaff>,
        /// The person's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<RolesBody>,
    ) -> Result<Versioned<MemberShown>, Fail<Changes>> {
        let (id, roles) = (UserId(id.0), role_names(body.0.roles));
        let (own, policy) = (caller.permissions(), &caller.app().policy);
        let mut change = caller.change().await?;
        let before = MemberShown::from(&staff::member(change.tx(), id).await?);
        let member = staff::set_roles(change.tx(), own, policy, id, expected.0, &roles).await?;
        let shown = MemberShown::from(&member);
        change
            .commit(Entry::new("changeStaff", "user", id).about(id).before(json(&before)).after(json(&shown)))
            .await?;
        Ok(Answer::of_version(&shown, member.version)?)
    }

    /// Remove somebody from the staff
    ///
    /// Takes all roles and ends all log-ins; the person's API keys do nothing from then on. The last owner stays.
    #[oai(path = "/staff/:id", method = "delete", operation_id = "removeStaff")]
    async fn remove(
        &self,
        caller: Allowed<may::WriteStaff>,
        /// The person's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let (id, own, policy) = (UserId(id.0), caller.permissions(), &caller.app().policy);
        let mut change = caller.change().await?;
        let before = staff::remove_member(change.tx(), own, policy, id, expected.0).await?;
        change
            .commit(Entry::new("removeStaff", "user", id).about(id).before(json(&MemberShown::from(&before))))
            .await?;
        Ok(Done)
    }

    /// Send somebody a link for a new password
    ///
    /// For one of the staff who has nothing beyond the caller's permissions. The old password goes on until a new one is
    /// set.
    #[oai(path = "/staff/:id/reset-password", method = "post", operation_id = "resetStaffPassword")]
    async fn reset_password(
        &self,
        caller: Allowed<may::WriteStaff>,
        /// The person's id.
        id: Path<Uuid>,
    ) -> Result<Done, Fail<Steps>> {
        let (id, own, policy) = (UserId(id.0), caller.permissions(), &caller.app().policy);
        let mut change = caller.change().await?;
        staff::covered_member(change.tx(), own, policy, id).await?;
        jobs::enqueue(change.tx(), &AccountLetter { user: id.0, occasion: Occasion::Reset }).await?;
        change.commit(Entry::new("resetStaffPassword", "user", id)).await?;
        Ok(Done)
    }

    /// List invitations
    ///
    /// Those that wait to be taken up, the newest first.
    #[oai(path = "/invitations", method = "get", operation_id = "listInvitations")]
    async fn invitations(&self, caller: Allowed<may::ReadStaff>) -> Result<Answer<InvitationPage>, Fail<Reads>> {
        let all = staff::list_invitations(&mut caller.begin_read().await?).await?;
        let items = all.iter().map(InvitationShown::from).collect();
        Ok(Answer::plain(&InvitationPage { items, next_cursor: None })?)
    }

    /// Withdraw an invitation
    ///
    /// Its link is good no more.
    #[oai(path = "/invitations/:id", method = "delete", operation_id = "withdrawInvitation")]
    async fn withdraw(
        &self,
        caller: Allowed<may::WriteStaff>,
        /// The invitation's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let (id, own, policy) = (InvitationId(id.0), caller.permissions(), &caller.app().policy);
        let mut change = caller.change().await?;
        let before = staff::withdraw(change.tx(), own, policy, id).await?;
        // An invitation never changes: it has but one version.
        if expected.0.is_some_and(|version| version != 1) {
            return Err(staff::StaffError::Stale.into());
        }
        change
            .commit(
                Entry::new("withdrawInvitation", "invitation", id)
                    .about(before.email.as_str())
                    .before(json(&InvitationShown::from(&before))),
            )
            .await?;
        Ok(Done)
    }
}

fn twenty() -> u8 {
    20
}

fn role_names(roles: List<In<RoleName>, 1, 20>) -> Vec<RoleName> {
    let mut names: Vec<_> = roles.0.into_iter().map(|role| role.0).collect();
    names.sort();
    names.dedup();
    names
}

/// Somebody to be invited.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct InvitationBody {
    /// Where the mail goes.
    email: In<Email>,
    /// The person's name.
    name: In<PersonName>,
    /// What the person will be: built-in roles, or the store's own.
    roles: List<In<RoleName>, 1, 20>,
}

/// Somebody's roles.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct RolesBody {
    /// All roles from now on: built-in ones, or the store's own.
    roles: List<In<RoleName>, 1, 20>,
}

/// Somebody who works here.
#[derive(Object, Serialize)]
#[oai(rename = "StaffMember")]
struct MemberShown {
    /// The person's id.
    id: Uuid,
    /// The person's e-mail address.
    email: String,
    /// The person's name.
    name: String,
    /// What the person is here.
    roles: Vec<String>,
    /// Counts changes; the same as in `ETag`.
    version: i64,
    /// When the account was made.
    created_at: DateTime<Utc>,
}

impl From<&Member> for MemberShown {
    fn from(member: &Member) -> Self {
        Self {
            id: member.user.id.0,
            email: member.user.email.as_str().to_owned(),
            name: member.user.name.as_str().to_owned(),
            roles: member.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            version: member.version,
            created_at: member.user.created_at,
        }
    }
}

/// A page of staff.
#[derive(Object, Serialize)]
struct StaffPage {
    /// Those who work here.
    items: Vec<MemberShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// An invitation.
#[derive(Object, Serialize)]
#[oai(rename = "Invitation")]
struct InvitationShown {
    /// Its id.
    id: Uuid,
    /// Where the mail went.
    email: String,
    /// The person's name.
    name: String,
    /// What the person will be.
    roles: Vec<String>,
    /// Who sent it.
    invited_by: Uuid,
    /// When it stops by itself.
    expires_at: DateTime<Utc>,
    /// When it was sent.
    created_at: DateTime<Utc>,
}

impl From<&Invitation> for InvitationShown {
    fn from(invitation: &Invitation) -> Self {
        Self {
            id: invitation.id.0,
            email: invitation.email.as_str().to_owned(),
            name: invitation.name.as_str().to_owned(),
            roles: invitation.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            invited_by: invitation.invited_by.0,
            expires_at: invitation.expires_at,
            created_at: invitation.created_at,
        }
    }
}

/// The invitations that wait.
#[derive(Object, Serialize)]
struct InvitationPage {
    /// The invitations.
    items: Vec<InvitationShown>,
    /// Always null: all of them are here.
    next_cursor: Option<String>,
}
