pub mod codes;
pub mod handler;
pub mod model;
