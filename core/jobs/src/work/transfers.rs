//! Files of products, taken in and written a batch at a time.

use std::time::Duration;

use domain::jobs::JobId;
use domain::transfers::{self, Export, ExportProducts, ForgetFile, Import, ImportProducts, TransferError};
use kernel::DomainError as _;
use serde_json::json;
use tenants::{TenantDb, TenantId};
use tokio::time::{Instant, sleep};

use crate::{Failure, InStore, Run};

/// How long a batch is tried again where others come in between: longer than they wait for one who is dead.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long to wait before that.
const PAUSE: Duration = Duration::from_millis(20);

/// Takes the next lines of a file in, in transactions of their own. Answers how far that is; none where all was done.
///
/// # Errors
/// [`TransferError`].
pub async fn import_next(db: &TenantDb, store: TenantId, id: JobId) -> Result<Option<Import>, TransferError> {
    let began = Instant::now();
    loop {
        match import_batch(db, store, id).await {
            Err(err) if err.is_a_race() && began.elapsed() < PATIENCE => sleep(PAUSE).await,
            done => return done,
        }
    }
}

async fn import_batch(db: &TenantDb, store: TenantId, id: JobId) -> Result<Option<Import>, TransferError> {
    let Some(mut batch) = transfers::read_batch(&mut db.begin_read(store).await?, id).await? else { return Ok(None) };
    let mut tx = db.begin(store).await?;
    transfers::write_batch(&mut tx, &mut batch).await?;
    tx.commit().await?;
    let mut tx = db.begin(store).await?;
    let import = transfers::finish_batch(&mut tx, batch).await?;
    tx.commit().await?;
    Ok(Some(import))
}

/// Writes the next products into a file, in a transaction of its own.
///
/// # Errors
/// [`TransferError`].
pub async fn export_next(db: &TenantDb, store: TenantId, id: JobId) -> Result<Export, TransferError> {
    let began = Instant::now();
    loop {
        match export_batch(db, store, id).await {
            Err(err) if err.is_a_race() && began.elapsed() < PATIENCE => sleep(PAUSE).await,
            done => return done,
        }
    }
}

async fn export_batch(db: &TenantDb, store: TenantId, id: JobId) -> Result<Export, TransferError> {
    let mut tx = db.begin(store).await?;
    let export = transfers::export_more(&mut tx, id).await?;
    tx.commit().await?;
    Ok(export)
}

fn failure(err: &TransferError) -> Failure {
    Failure::again(err.code())
}

impl Run for ImportProducts {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let id = JobId(self.import);
        loop {
            match import_next(&at.shared.tenants, at.tenant, id).await {
                Ok(Some(import)) => {
                    if !at.advance(import.done, import.bytes).await? {
                        return forget_bytes(at, self.import).await;
                    }
                }
                Ok(None) => break,
                Err(TransferError::NoImport(_)) => return Ok(()),
                Err(err) => return Err(failure(&err)),
            }
        }
        let mut tx = at.begin().await?;
        let import = transfers::import(&mut tx, id).await.map_err(|err| failure(&err))?;
        let result = json!({
            "lines": import.lines, "created": import.created, "changed": import.changed,
            "unchanged": import.unchanged, "refused": import.refused, "faults": import.faults,
            "dry_run": import.dry_run,
        });
        at.finish(&mut tx, &result).await?;
        Ok(tx.commit().await?)
    }
}

/// Of an import that was stopped, the file is of no use any more; what was found stays to be read.
async fn forget_bytes(at: &InStore, file: uuid::Uuid) -> Result<(), Failure> {
    let mut tx = at.begin().await?;
    transfers::drop_bytes(&mut tx, file).await.map_err(|err| failure(&err))?;
    Ok(tx.commit().await?)
}

impl Run for ExportProducts {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let id = JobId(self.export);
        let total = transfers::products_to_export(&mut at.begin_read().await?).await.map_err(|err| failure(&err))?;
        let export = loop {
            let export = match export_next(&at.shared.tenants, at.tenant, id).await {
                Ok(export) => export,
                Err(TransferError::NoExport(_)) => return Ok(()),
                Err(err) => return Err(failure(&err)),
            };
            if !at.advance(export.products, Some(total.max(export.products))).await? {
                return forget_bytes(at, self.export).await;
            }
            if export.finished_at.is_some() {
                break export;
            }
        };
        let mut tx = at.begin().await?;
        at.finish(&mut tx, &json!({ "products": export.products, "bytes": export.bytes })).await?;
        Ok(tx.commit().await?)
    }
}

impl Run for ForgetFile {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let mut tx = at.begin().await?;
        transfers::drop_file(&mut tx, self.file).await.map_err(|err| failure(&err))?;
        Ok(tx.commit().await?)
    }
}
