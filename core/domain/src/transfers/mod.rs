//! Products as files: CSV that comes and is taken in, and CSV that goes.
//!
//! A file has one line a variant; the lines of a product share its `slug` and stand one after another. The first of them
//! holds what belongs to the product. A column that the file does not have leaves things as they are; so do empty cells of
//! `name`, `active`, `price`, `sku` and `stock`. Other empty cells say that there is none. A product with a wrong line stays
//! as it is, with all of its lines. What is not in the file stays: an import never removes a product or a variant.

mod batches;
mod cells;
mod columns;
mod error;
mod exports;
mod gathering;
mod imports;
mod jobs;
mod lines;
mod queries;
mod records;

pub use batches::{Batch, finish_batch, read_batch, write_batch};
pub use columns::Columns;
pub use error::TransferError;
pub use exports::{Export, begin_export, export, export_chunk, export_more, products_to_export};
pub use imports::{
    CHUNK, COMES_WITHIN, Fault, Import, KEPT_FAULTS, LARGEST, MOST_WAITING, NewImport, add_chunk, begin_import,
    drop_bytes, drop_file, faults, import, start_import,
};
pub use jobs::{ExportProducts, ForgetFile, ImportProducts};
