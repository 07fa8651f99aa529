//! API keys of back-office integrations.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::audit::Entry;
use domain::keys::{self, ApiKey, ApiKeyId, KeyName, NewKey};
use kernel::{Limit, Text as _};
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::roles::held;
use crate::guard::{Allowed, may};
use crate::http::{
    Answer, Body, Created, Creates, Done, Expected, Fail, In, List, Reads, Removes, Versioned, given, json,
};
use crate::tag::Tag;

pub(crate) struct KeysApi;

#[OpenApi(prefix_path = "/api-keys", tag = "Tag::Keys")]
impl KeysApi {
    /// List API keys
    ///
    /// The newest first, page by page. Their secrets are not kept.
    #[oai(path = "/", method = "get", operation_id = "listApiKeys")]
    async fn list(
        &self,
        caller: Allowed<may::ReadKeys>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<KeyPage>, Fail<Reads>> {
        let (scope, cursors) = (("keys", caller.store.id.0), &caller.app().cursors);
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = keys::list_keys(&mut caller.begin_read().await?, before.map(ApiKeyId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|key| key.id.0);
        let next_cursor = last.and_then(|id| cursors.seal(&scope, &id));
        Ok(Answer::plain(&KeyPage { items: page.items.iter().map(KeyShown::from).collect(), next_cursor })?)
    }

    /// Make an API key
    ///
    /// With nothing beyond the caller's own permissions. The key is in this answer and never again. It never does more
    /// than its maker may at the time.
    #[oai(path = "/", method = "post", operation_id = "addApiKey")]
    async fn add(
        &self,
        caller: Allowed<may::WriteKeys>,
        body: Body<NewKeyBody>,
    ) -> Result<Created<NewKeyShown>, Fail<Creates>> {
        let NewKeyBody { name, scopes, expires_at } = body.0;
        let new = NewKey { name: name.0, scopes: held(scopes), expires_at };
        let mut change = caller.change().await?;
        let (key, secret) = keys::add_key(change.tx(), caller.user(), caller.permissions(), &new).await?;
        change.commit(Entry::new("addApiKey", "api_key", key.id).after(json(&KeyShown::from(&key)))).await?;
        let location = format!("/admin/v1/api-keys/{}", key.id);
        let version = KeyShown::from(&key).version;
        Ok(Created::at(location, &NewKeyShown { api_key: KeyShown::from(&key), key: secret.reveal() }, version)?)
    }

    /// Get an API key
    ///
    /// Without its secret, which is not kept.
    #[oai(path = "/:id", method = "get", operation_id = "getApiKey")]
    async fn get(
        &self,
        caller: Allowed<may::ReadKeys>,
        /// The key's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<KeyShown>, Fail<Reads>> {
        let shown = KeyShown::from(&keys::key(&mut caller.begin_read().await?, ApiKeyId(id.0)).await?);
        let version = shown.version;
        Ok(Answer::of_version(&shown, version)?)
    }

    /// Revoke an API key
    ///
    /// It stops within a second. Its entry stays, so that the audit can be read.
    #[oai(path = "/:id", method = "delete", operation_id = "revokeApiKey")]
    async fn revoke(
        &self,
        caller: Allowed<may::WriteKeys>,
        /// The key's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let id = ApiKeyId(id.0);
        let mut change = caller.change().await?;
        let before = KeyShown::from(&keys::key(change.tx(), id).await?);
        if expected.0.is_some_and(|version| version != before.version) {
            return Err(domain::access::AccessError::Stale.into());
        }
        let after = keys::revoke_key(change.tx(), caller.permissions(), id).await?;
        let entry =
            Entry::new("revokeApiKey", "api_key", id).before(json(&before)).after(json(&KeyShown::from(&after)));
        change.commit(entry).await?;
        Ok(Done)
    }
}

fn twenty() -> u8 {
    20
}

/// A key to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKeyBody {
    /// For people.
    name: In<KeyName>,
    /// The permissions that it is for, by name.
    scopes: List<In<Permission>, 1, 100>,
    /// When it stops by itself; never where it is left out.
    #[serde(default, deserialize_with = "given")]
    expires_at: Option<DateTime<Utc>>,
}

/// A key, without its secret.
#[derive(Object, Serialize)]
#[oai(rename = "ApiKey")]
struct KeyShown {
    /// Its id.
    id: Uuid,
    /// For people.
    name: String,
    /// The permissions that it is for.
    scopes: Vec<String>,
    /// Whose it is.
    made_by: Uuid,
    /// When it stops by itself.
    expires_at: Option<DateTime<Utc>>,
    /// When it was last seen, to the minute.
    last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    revoked_at: Option<DateTime<Utc>>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// 1, and 2 once it was revoked; the same as in `ETag`.
    version: i64,
}

impl From<&ApiKey> for KeyShown {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.0,
            name: key.name.as_str().to_owned(),
            scopes: key.scopes.names(),
            made_by: key.made_by.0,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
            created_at: key.created_at,
            version: if key.revoked_at.is_some() { 2 } else { 1 },
        }
    }
}

/// A key that was just made.
#[derive(Object, Serialize)]
#[oai(rename = "NewApiKey")]
struct NewKeyShown {
    /// The key, without its secret.
    api_key: KeyShown,
    /// The key. Send it as `Authorization: Bearer …`. It is shown this once.
    key: String,
}

/// A page of keys.
#[derive(Object, Serialize)]
struct KeyPage {
    /// The keys.
    items: Vec<KeyShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}
