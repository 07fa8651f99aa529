//! What each kind of job does.

mod buyers;
mod carts;
mod events;
mod images;
mod letters;
mod orders;
mod payments;
mod transfers;
mod upkeep;

use std::time::Duration;

pub use self::transfers::{export_next, import_next};
use crate::{Kinds, Schedule};

/// All kinds of jobs of this build.
#[must_use]
pub fn kinds() -> Kinds {
    Kinds::default()
        .store::<domain::carts::CleanCarts>()
        .store::<domain::identity::AccountLetter>()
        .store::<domain::identity::ForgottenPassword>()
        .platform::<domain::identity::ForgottenOperatorPassword>()
        .store::<domain::staff::InvitationLetter>()
        .store::<domain::staff::StaffLetter>()
        .store::<domain::customers::CustomerLetter>()
        .store::<domain::events::PassOn>()
        .store::<domain::upkeep::SweepStore>()
        .platform::<domain::upkeep::SweepStores>()
        .platform::<domain::upkeep::SweepPlatform>()
        .store::<domain::images::SweepImages>()
        .store::<domain::orders::ExpireOrder>()
        .store::<domain::orders::OrderLetter>()
        .store::<domain::orders::LapseOrder>()
        .store::<domain::stock::CountSold>()
        .store::<domain::payments::WatchPayment>()
        .store::<domain::payments::GiveBack>()
        .store::<domain::payments::SweepPayments>()
        .platform::<domain::payments::SweepEveryonesPayments>()
        .store::<domain::stock::RefreshStock>()
        .store::<domain::transfers::ImportProducts>()
        .store::<domain::transfers::ExportProducts>()
        .store::<domain::transfers::ForgetFile>()
}

/// All schedules of this build.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![
        Schedule::every(Duration::from_secs(24 * 3_600), &domain::upkeep::SweepStores {}),
        Schedule::every(Duration::from_secs(3_600), &domain::upkeep::SweepPlatform {}),
        Schedule::every(Duration::from_secs(3_600), &domain::payments::SweepEveryonesPayments {}),
    ]
}
