//! What all surfaces share: problems, bodies, answers, cursors, versions.

mod answer;
mod body;
mod bounded;
mod component;
mod csv;
mod cursor;
mod etag;
mod fields;
mod message;
mod moment;
mod money;
mod moved;
mod objects;
mod once;
mod picture;
mod problem;
mod status;
mod values;
mod version;
mod whole;

pub use answer::{Accepted, Answer, Created, CreatedOr, Done, Found, Shared, Shown, Tracked, Versioned, json};
pub use body::Body;
pub(crate) use body::escape;
pub use bounded::{Entries, List};
pub use component::Component;
pub use csv::{CsvBody, CsvFile, Pieces};
pub use cursor::Cursors;
pub(crate) use etag::{etag_of, is_listed};
pub use fields::{In, Maybe, given};
pub use message::{AnyQuery, Message, SentBack};
pub use moment::Moment;
pub use money::{MinorUnits, MoneyBody, MoneyShown};
pub use moved::ShownOrMoved;
pub use once::{Booked, Changed, ComparedBody, Did, IdempotencyKey, New, Once, OptionalKey, about};
pub use picture::Picture;
pub use problem::{Fail, Problem};
pub use status::{
    Calls, Changes, ChangesStore, ComesBack, Creates, Decides, LogsIn, OpensStore, OperatorActs, OperatorLogsIn,
    OperatorMakes, OperatorReads, OperatorRenews, Own, OwnChanges, OwnCreates, OwnPuts, OwnReads, OwnRemoves, Pays,
    Posts, Reads, Registers, Removes, Renews, SendsMail, ShopperMakes, ShopperReads, ShopperSteps, Statuses, Steps,
    StepsOnce, StoreReads, Tries,
};
pub use values::Values;
pub use version::{Expected, OptionalVersion};
pub use whole::Whole;
