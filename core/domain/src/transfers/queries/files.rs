//! Files in pieces.

use tenants::{DbError, TenantTx};
use uuid::Uuid;

pub(in crate::transfers) async fn add(tx: &mut TenantTx, file: Uuid, number: i64, bytes: &[u8]) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO file_chunks (tenant_id, file_id, number, bytes) VALUES ($1, $2, $3, $4)",
        tenant.0,
        file,
        number,
        bytes,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::transfers) async fn get(tx: &mut TenantTx, file: Uuid, number: i64) -> Result<Option<Vec<u8>>, DbError> {
    let tenant = tx.tenant();
    let bytes = sqlx::query_scalar!(
        "SELECT bytes FROM file_chunks WHERE tenant_id = $1 AND file_id = $2 AND number = $3",
        tenant.0,
        file,
        number,
    );
    Ok(bytes.fetch_optional(tx.conn()).await?)
}

pub(in crate::transfers) async fn remove(tx: &mut TenantTx, file: Uuid) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM file_chunks WHERE tenant_id = $1 AND file_id = $2", tenant.0, file)
        .execute(tx.conn())
        .await?;
    Ok(())
}
