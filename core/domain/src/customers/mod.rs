//! Shoppers: the account, and what a shop knows of the person. Registering makes both in one transaction.

mod error;
mod jobs;
mod letters;
mod ops;
mod queries;
mod staffed;

pub use error::CustomerError;
pub use jobs::CustomerLetter;
pub use letters::{LetterId, LetterSubject, LetterText, PrivateLetter, letter, letter_left, write_letter};
pub use ops::{
    BirthDate, Customer, CustomerChange, Phone, change_customer, customer, delete_account, lock_to_erase, register,
};
pub use staffed::{
    Beginning, CustomerFilter, Note, NoteId, NoteText, add_note, list_customers, list_notes, notes_about, shopper,
    shopper_kept,
};
