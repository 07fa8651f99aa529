//! The SQL of images.

use chrono::{DateTime, Utc};
use kernel::Text as _;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::{Alt, Image, ImageChange, ImageId, Size};
use crate::catalog::ProductId;

struct Row {
    id: Uuid,
    product_id: Uuid,
    alt: Option<String>,
    name: String,
    width: i32,
    height: i32,
    sizes: Json<Vec<SizeRow>>,
    bytes: i64,
    version: i64,
    created_at: DateTime<Utc>,
}

/// How a size is kept in `product_images.sizes`.
#[derive(Serialize, Deserialize)]
struct SizeRow {
    width: u32,
    height: u32,
}

impl Row {
    fn read(self) -> Result<Image, DbError> {
        let broken = || DbError::from(sqlx::Error::Decode("an image breaks its rules".into()));
        let side = |pixels: i32| u32::try_from(pixels).map_err(|_| broken());
        Ok(Image {
            id: ImageId(self.id),
            product: ProductId(self.product_id),
            alt: self.alt.as_deref().map(Alt::parse).transpose().map_err(|_| broken())?,
            name: self.name,
            size: Size { width: side(self.width)?, height: side(self.height)? },
            sizes: self.sizes.0.iter().map(|row| Size { width: row.width, height: row.height }).collect(),
            bytes: self.bytes.unsigned_abs(),
            version: self.version,
            created_at: self.created_at,
        })
    }
}

/// Writes the row-reading half of a query of images; `$which` chooses them.
macro_rules! images {
    ($which:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT id, product_id, alt, name, width, height, sizes AS "sizes!: Json<Vec<SizeRow>>", bytes, version,
                      created_at
               FROM product_images WHERE tenant_id = $1 AND "# + $which,
            $($arg),*
        )
    };
}

fn read(rows: Vec<Row>) -> Result<Vec<Image>, DbError> {
    rows.into_iter().map(Row::read).collect()
}

pub(super) async fn of_product(tx: &mut TenantTx, product: ProductId) -> Result<Vec<Image>, DbError> {
    let tenant = tx.tenant();
    read(images!("product_id = $2 ORDER BY position", tenant.0, product.0).fetch_all(tx.conn()).await?)
}

pub(super) async fn first(tx: &mut TenantTx, products: &[Uuid]) -> Result<Vec<Image>, DbError> {
    let tenant = tx.tenant();
    read(images!("product_id = ANY ($2) AND position = 0", tenant.0, products).fetch_all(tx.conn()).await?)
}

pub(super) async fn get(tx: &mut TenantTx, product: ProductId, id: ImageId) -> Result<Option<Image>, DbError> {
    let tenant = tx.tenant();
    let row = images!("product_id = $2 AND id = $3", tenant.0, product.0, id.0).fetch_optional(tx.conn()).await?;
    row.map(Row::read).transpose()
}

/// How many images the product has; none where there is no such product.
pub(super) async fn count(tx: &mut TenantTx, product: ProductId) -> Result<Option<usize>, DbError> {
    let tenant = tx.tenant();
    let count = sqlx::query_scalar!(
        r#"SELECT (SELECT count(*) FROM product_images i WHERE i.tenant_id = $1 AND i.product_id = $2) AS "count!"
           FROM products p WHERE p.tenant_id = $1 AND p.id = $2"#,
        tenant.0,
        product.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(count.map(|count| usize::try_from(count).unwrap_or(usize::MAX)))
}

/// Locks the product's row against others who change its images, not against those who name it; false where there is none.
pub(super) async fn lock_product(tx: &mut TenantTx, product: ProductId) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_scalar!(
        "SELECT id FROM products WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        tenant.0,
        product.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.is_some())
}

pub(super) async fn by_content(
    tx: &mut TenantTx,
    product: ProductId,
    content: &str,
) -> Result<Option<ImageId>, DbError> {
    let tenant = tx.tenant();
    let id = sqlx::query_scalar!(
        "SELECT id FROM product_images WHERE tenant_id = $1 AND product_id = $2 AND content = $3",
        tenant.0,
        product.0,
        content,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(ImageId))
}

pub(super) async fn insert(tx: &mut TenantTx, image: &Image, content: &str, position: usize) -> Result<(), DbError> {
    let tenant = tx.tenant();
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    let sizes: Vec<_> = image.sizes.iter().map(|size| SizeRow { width: size.width, height: size.height }).collect();
    sqlx::query!(
        "INSERT INTO product_images (tenant_id, id, product_id, position, alt, name, content, width, height, sizes, bytes,
                                     version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        tenant.0,
        image.id.0,
        image.product.0,
        i32::try_from(position).unwrap_or(i32::MAX),
        image.alt.as_ref().map(|alt| alt.as_str()),
        image.name,
        content,
        side(image.size.width),
        side(image.size.height),
        Json(sizes) as _,
        i64::try_from(image.bytes).unwrap_or(i64::MAX),
        image.version,
        image.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes what `change` names, and counts the change; false where there is no such image of that version.
pub(super) async fn update(
    tx: &mut TenantTx,
    product: ProductId,
    id: ImageId,
    expected: Option<i64>,
    change: &ImageChange,
) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "UPDATE product_images SET alt = CASE WHEN $5 THEN $6 ELSE alt END, version = version + 1
         WHERE tenant_id = $1 AND product_id = $2 AND id = $3 AND version = coalesce($4, version)",
        tenant.0,
        product.0,
        id.0,
        expected,
        change.alt.is_some(),
        change.alt.as_ref().and_then(Option::as_ref).map(|alt| alt.as_str()),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives the images of a product the places that they have in `order`.
pub(super) async fn reorder(tx: &mut TenantTx, product: ProductId, order: &[ImageId]) -> Result<(), DbError> {
    let tenant = tx.tenant();
    let order: Vec<_> = order.iter().map(|id| id.0).collect();
    sqlx::query!(
        "UPDATE product_images i SET position = o.place - 1
         FROM unnest($3::uuid[]) WITH ORDINALITY AS o (id, place)
         WHERE i.tenant_id = $1 AND i.product_id = $2 AND i.id = o.id AND i.position <> o.place - 1",
        tenant.0,
        product.0,
        &order,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Deletes an image; false where there is none of that version.
pub(super) async fn delete(
    tx: &mut TenantTx,
    product: ProductId,
    id: ImageId,
    expected: Option<i64>,
) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "DELETE FROM product_images
         WHERE tenant_id = $1 AND product_id = $2 AND id = $3 AND version = coalesce($4, version)",
        tenant.0,
        product.0,
        id.0,
        expected,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn note_leftover(tx: &mut TenantTx, name: &str) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!("INSERT INTO image_leftovers (tenant_id, name, since) VALUES ($1, $2, $3)", tenant.0, name, now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Takes a name out of the leftovers; false where it has not been among them since `since`.
pub(super) async fn strike_leftover(tx: &mut TenantTx, name: &str, since: DateTime<Utc>) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "DELETE FROM image_leftovers WHERE tenant_id = $1 AND name = $2 AND since >= $3",
        tenant.0,
        name,
        since,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Names that have been left over since before `before`.
pub(super) async fn leftovers(tx: &mut TenantTx, before: DateTime<Utc>, limit: i64) -> Result<Vec<String>, DbError> {
    let tenant = tx.tenant();
    let names = sqlx::query_scalar!(
        "SELECT name FROM image_leftovers WHERE tenant_id = $1 AND since <= $2 LIMIT $3",
        tenant.0,
        before,
        limit,
    );
    Ok(names.fetch_all(tx.conn()).await?)
}

/// Since when the oldest has been left over.
pub(super) async fn oldest_leftover(tx: &mut TenantTx) -> Result<Option<DateTime<Utc>>, DbError> {
    let tenant = tx.tenant();
    let since = sqlx::query_scalar!("SELECT min(since) FROM image_leftovers WHERE tenant_id = $1", tenant.0);
    Ok(since.fetch_one(tx.conn()).await?)
}

pub(super) async fn forget_leftovers(tx: &mut TenantTx, names: &[String]) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM image_leftovers WHERE tenant_id = $1 AND name = ANY ($2)", tenant.0, names)
        .execute(tx.conn())
        .await?;
    Ok(())
}
