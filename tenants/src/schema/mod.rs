//! The database's shape: roles, migrations, and the check that nothing in it lets a row out of its store.

mod faults;
mod migrate;
mod roles;

pub use faults::{FAULTS_SQL, Fault, Place, faults, may_change_schema, place, place_of, refuse_strong_role};
pub use migrate::{SchemaError, migrate, version, wanted_version};
pub use roles::{
    DATABASE_SQL, LogIn, ROLES_SQL, RolesError, Whose, adopt_database, create_database, create_roles, mark, marker,
};
