//! What all surfaces share: problems, bodies, answers, cursors, versions.

mod answer;
mod body;
mod cursor;
mod fields;
mod money;
mod problem;
mod status;
mod version;

pub use answer::{Answer, Created, CreatedOr, Done, Shown, json};
pub use body::Body;
pub use cursor::Cursors;
pub use fields::{In, Maybe, given};
pub use money::{MinorUnits, MoneyBody, MoneyShown};
pub use problem::{Fail, Problem};
pub use status::{
    Changes, Creates, LogsIn, OpensStore, OperatorActs, OperatorLogsIn, OperatorMakes, OperatorReads, OperatorRenews,
    Own, OwnChanges, OwnReads, Reads, Registers, Renews, Statuses, StoreReads,
};
pub use version::{Expected, OptionalVersion};
