//! The registry's SQL.

use chrono::{DateTime, Utc};
use kernel::{Currency, Limit, Text};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Language, NewStore, Origin, RegistryError, Store, StoreName, StoreSlug, StoreStatus};
use crate::{DbError, PlatformTx, TenantId, TenantTx};

struct Row {
    id: Uuid,
    slug: String,
    name: String,
    currency: String,
    status: String,
    allowed_origins: Vec<String>,
    language: String,
    version: i64,
    created_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<Store, DbError> {
        let broken = |what: &str| DbError::from(sqlx::Error::Decode(format!("store {}: {what}", self.id).into()));
        Ok(Store {
            id: TenantId(self.id),
            slug: StoreSlug::parse(&self.slug).map_err(|_| broken("slug"))?,
            name: StoreName::parse(&self.name).map_err(|_| broken("name"))?,
            currency: Currency::parse(&self.currency).map_err(|_| broken("currency"))?,
            status: StoreStatus::read(&self.status).ok_or_else(|| broken("status"))?,
            allowed_origins: self.allowed_origins.iter().filter_map(|origin| Origin::parse(origin).ok()).collect(),
            language: Language::parse(&self.language).map_err(|_| broken("language"))?,
            version: self.version,
            created_at: self.created_at,
        })
    }
}

/// Looks a store up by its own domain or its slug, before there is a tenant.
pub(crate) async fn find(
    conn: &mut PgConnection,
    host: Option<&str>,
    slug: Option<&str>,
) -> Result<Option<Store>, DbError> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id!", slug AS "slug!", name AS "name!", currency AS "currency!", status AS "status!",
                  allowed_origins AS "allowed_origins!", language AS "language!", version AS "version!", created_at AS "created_at!"
           FROM platform.find_store($1, $2)"#,
        host,
        slug,
    )
    .fetch_optional(conn)
    .await?;
    row.map(Row::read).transpose()
}

/// Looks a store up by its id, before there is a tenant.
pub(crate) async fn find_by_id(conn: &mut PgConnection, id: TenantId) -> Result<Option<Store>, DbError> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id!", slug AS "slug!", name AS "name!", currency AS "currency!", status AS "status!",
                  allowed_origins AS "allowed_origins!", language AS "language!", version AS "version!",
                  created_at AS "created_at!"
           FROM platform.find_store_by_id($1)"#,
        id.0,
    )
    .fetch_optional(conn)
    .await?;
    row.map(Row::read).transpose()
}

pub(super) async fn open(tx: &mut TenantTx, new: &NewStore) -> Result<(), RegistryError> {
    let now = tx.now();
    sqlx::query!(
        "SELECT platform.open_store($1, $2, $3, $4)",
        new.slug.as_str(),
        new.name.as_str(),
        new.currency.code(),
        now,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        Some("stores_slug_once") => RegistryError::SlugTaken(new.slug.clone()),
        _ => err.into(),
    })?;
    Ok(())
}

pub(super) async fn insert_settings(tx: &mut TenantTx) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("INSERT INTO store_settings (tenant_id) VALUES ($1)", tenant.0).execute(tx.conn()).await?;
    Ok(())
}

pub(super) async fn insert_location(tx: &mut TenantTx, name: &str) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "INSERT INTO locations (tenant_id, id, name, is_default, created_at) VALUES ($1, $2, $3, true, $4)",
        tenant.0,
        Uuid::now_v7(),
        name,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn this_store(tx: &mut TenantTx) -> Result<Option<Store>, DbError> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id!", slug AS "slug!", name AS "name!", currency AS "currency!", status AS "status!",
                  allowed_origins AS "allowed_origins!", language AS "language!", version AS "version!", created_at AS "created_at!"
           FROM platform.this_store()"#,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

pub(super) async fn change_this_store(
    tx: &mut TenantTx,
    name: Option<&StoreName>,
    origins: Option<&[Origin]>,
    language: Option<&Language>,
    expected: Option<i64>,
) -> Result<Option<Store>, DbError> {
    let origins = origins.map(|all| all.iter().map(|origin| origin.as_str().to_owned()).collect::<Vec<_>>());
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id!", slug AS "slug!", name AS "name!", currency AS "currency!", status AS "status!",
                  allowed_origins AS "allowed_origins!", language AS "language!", version AS "version!", created_at AS "created_at!"
           FROM platform.change_this_store($1, $2, $3, $4)"#,
        name.map(Text::as_str),
        origins.as_deref(),
        language.map(Text::as_str),
        expected,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

pub(super) async fn list(tx: &mut PlatformTx, after: Option<TenantId>, limit: Limit) -> Result<Vec<Store>, DbError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, slug, name, currency, status, allowed_origins, language, version, created_at FROM platform.stores
         WHERE id > $1 ORDER BY id LIMIT $2",
        after.map_or(Uuid::nil(), |id| id.0),
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}

pub(super) async fn get(tx: &mut PlatformTx, id: TenantId) -> Result<Option<Store>, DbError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, slug, name, currency, status, allowed_origins, language, version, created_at FROM platform.stores WHERE id = $1",
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

pub(super) async fn by_slug(tx: &mut PlatformTx, slug: &StoreSlug) -> Result<Option<Store>, DbError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, slug, name, currency, status, allowed_origins, language, version, created_at FROM platform.stores WHERE slug = $1",
        slug.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

pub(super) async fn set_status(
    tx: &mut PlatformTx,
    id: TenantId,
    from: StoreStatus,
    to: StoreStatus,
) -> Result<Option<Store>, DbError> {
    let row = sqlx::query_as!(
        Row,
        "UPDATE platform.stores SET status = $3, version = version + 1 WHERE id = $1 AND status = $2
         RETURNING id, slug, name, currency, status, allowed_origins, language, version, created_at",
        id.0,
        from.as_str(),
        to.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}
