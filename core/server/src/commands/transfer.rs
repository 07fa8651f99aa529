//! `stoa import …` and `stoa export …`: files of products, without the API and without a worker.

use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use domain::audit::{self, Actor, Entry, Origin};
use domain::jobs::JobId;
use domain::transfers::{self, CHUNK, Columns, Import, LARGEST, NewImport};
use kernel::Limit;
use tenants::{TenantDb, TenantId};

use super::say;
use super::store::id_of;
use super::user::databases;
use crate::config::Databases;

#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// Take a CSV file of products in
    Products(ImportOptions),
}

#[derive(Debug, Args)]
pub(super) struct ImportOptions {
    /// The store's slug
    #[arg(long)]
    store: String,
    /// The file
    file: PathBuf,
    /// Only look, and write nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum ExportCommand {
    /// Write all products into a CSV file
    Products {
        /// The store's slug
        #[arg(long)]
        store: String,
        /// The file; standard output where it is left out
        file: Option<PathBuf>,
    },
}

/// Faults that are told of, at most.
const MOST_TOLD: usize = 50;

pub(super) async fn import(command: ImportCommand, config: &Databases) -> Result<()> {
    let ImportCommand::Products(options) = command;
    let (db, platform) = databases(config);
    let store = id_of(&mut platform.begin().await?, &options.store).await?;
    let file = File::open(&options.file).with_context(|| options.file.display().to_string())?;
    let id = upload(&db, store, file, options.dry_run).await?;
    let began = Instant::now();
    while let Some(import) = jobs::import_next(&db, store, id).await? {
        let percent = import.done * 100 / import.bytes.unwrap_or(1).max(1);
        tell(&format!("\r{percent} %, {} lines, {} faults", import.lines, import.faults));
    }
    tell("\n");
    let import = transfers::import(&mut db.begin_read(store).await?, id).await?;
    tell_faults(&db, store, &import).await?;
    say(&format!(
        "{} lines in {} ms: {} of new products, {} of changed ones, {} as they were, {} refused.{}",
        import.lines,
        began.elapsed().as_millis(),
        import.created,
        import.changed,
        import.unchanged,
        import.refused,
        if import.dry_run { " Nothing was written." } else { "" },
    ))?;
    if import.faults > 0 { bail!("{} faults", import.faults) } else { Ok(()) }
}

/// Keeps the file in the database, so that it is taken in as one that the API is sent.
async fn upload(db: &TenantDb, store: TenantId, file: File, dry_run: bool) -> Result<JobId> {
    let mut file = file.take(u64::try_from(LARGEST)? + 1);
    let mut piece = Vec::with_capacity(CHUNK);
    let mut read = |piece: &mut Vec<u8>| {
        piece.clear();
        file.by_ref().take(u64::try_from(CHUNK).unwrap_or(0)).read_to_end(piece)
    };
    read(&mut piece)?;
    let (columns, byte, line) = Columns::of_file(&piece, piece.len() < CHUNK)?;
    let mut tx = db.begin(store).await?;
    let new = NewImport { dry_run, columns, begins: (byte, line), actor: Actor::Shell };
    let id = transfers::begin_import(&mut tx, &new).await?;
    tx.commit().await?;
    let (mut number, mut size) = (0, 0);
    while !piece.is_empty() {
        let mut tx = db.begin(store).await?;
        transfers::add_chunk(&mut tx, id, number, &piece).await?;
        tx.commit().await?;
        (number, size) = (number + 1, size + i64::try_from(piece.len())?);
        read(&mut piece)?;
    }
    let mut tx = db.begin(store).await?;
    if size > i64::try_from(LARGEST)? {
        transfers::drop_file(&mut tx, id.0).await?;
        tx.commit().await?;
        bail!("the file has more than {LARGEST} bytes: cut it in two");
    }
    transfers::start_import(&mut tx, id, size, None).await?;
    audit::record(&mut tx, &Origin::shell(), &Entry::new("importProducts", "import", id)).await?;
    tx.commit().await?;
    Ok(id)
}

async fn tell_faults(db: &TenantDb, store: TenantId, import: &Import) -> Result<()> {
    let limit = Limit::new(u8::try_from(MOST_TOLD)?).unwrap_or_default();
    let page = transfers::faults(&mut db.begin_read(store).await?, import.id, 0, limit).await?;
    for (_, fault) in page.items {
        let field = if fault.field.is_empty() { String::new() } else { format!(" {}", fault.field) };
        tell(&format!("line {}:{field} {}\n", fault.line, fault.reason));
    }
    if page.more {
        tell(&format!("… of {} faults\n", import.faults));
    }
    Ok(())
}

pub(super) async fn export(command: ExportCommand, config: &Databases) -> Result<()> {
    let ExportCommand::Products { store, file } = command;
    let (db, platform) = databases(config);
    let store = id_of(&mut platform.begin().await?, &store).await?;
    let mut out: Box<dyn Write> = match &file {
        Some(file) => Box::new(File::create(file).with_context(|| file.display().to_string())?),
        None => Box::new(std::io::stdout()),
    };
    let mut tx = db.begin(store).await?;
    let total = transfers::products_to_export(&mut tx).await?;
    let id = transfers::begin_export(&mut tx, None).await?.id;
    audit::record(&mut tx, &Origin::shell(), &Entry::new("addExport", "export", id)).await?;
    tx.commit().await?;
    let mut number = 0;
    loop {
        let export = jobs::export_next(&db, store, id).await?;
        let mut tx = db.begin_read(store).await?;
        while let Some(piece) = transfers::export_chunk(&mut tx, id, number).await? {
            out.write_all(&piece)?;
            number += 1;
        }
        tell(&format!("\r{} of {total} products", export.products));
        if export.finished_at.is_some() {
            break;
        }
    }
    tell("\n");
    out.flush()?;
    let mut tx = db.begin(store).await?;
    transfers::drop_file(&mut tx, id.0).await?;
    tx.commit().await?;
    Ok(())
}

/// Tells whoever watches, where somebody does.
fn tell(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
