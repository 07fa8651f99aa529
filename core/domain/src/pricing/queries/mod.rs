//! The SQL of pricing.

pub(super) mod shipping;
pub(super) mod taxes;

use tenants::{DbError, TenantTx};

use super::TradeSettings;

pub(super) async fn settings(tx: &mut TenantTx) -> Result<TradeSettings, DbError> {
    let tenant = tx.tenant();
    let found =
        sqlx::query_as!(TradeSettings, "SELECT tax_included FROM store_settings WHERE tenant_id = $1", tenant.0);
    Ok(found.fetch_one(tx.conn()).await?)
}

pub(super) async fn change_settings(tx: &mut TenantTx, settings: TradeSettings) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("UPDATE store_settings SET tax_included = $2 WHERE tenant_id = $1", tenant.0, settings.tax_included,)
        .execute(tx.conn())
        .await?;
    Ok(())
}

fn broken(what: &'static str) -> DbError {
    sqlx::Error::Decode(format!("the store's prices hold a {what} that breaks its rules").into()).into()
}
