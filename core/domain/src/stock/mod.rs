//! What a store has of each variant, where, and how it came to have it.
//!
//! What lies at a place is the sum of its movements, which are never changed; what is reserved there is the sum of the
//! reservations. Both are kept beside them on the level, under checks: there is never less than nothing, and never more
//! promised than there is.

mod counts;
mod error;
mod jobs;
mod locations;
mod model;
mod ops;
mod orders;
mod presence;
mod queries;
mod sold;

pub use counts::{Count, count_many, others};
pub use error::StockError;
pub use jobs::{CountSold, RefreshStock};
pub use locations::{
    Location, LocationChange, LocationId, LocationName, MOST_LOCATIONS, add_location, change_location, list_locations,
    location, remove_location,
};
pub use model::{
    Adjusted, Adjustment, Filter, Grade, Level, LowStock, MOST_ON_HAND, Movement, MovementId, MovementsOf, Note,
    Reason, Stocked, Thresholds, Wanted,
};
pub use ops::{adjust, available, begin_with, change_thresholds, list, low, movements, thresholds};
pub use orders::{Hold, Portion, extend, put_back, release, sell, short, take};
pub use presence::{refresh, tell_if_low};
pub use sold::{count_sold, count_sold_later};
