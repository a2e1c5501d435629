//! The model files, as `infra/models/prepare.py` makes them.

use std::path::Path;

use rten::{Model, ModelOptions};
use smartscripts_domain::{Error, Result};

/// Loads a model. Its file is read into memory: to map it, the code would have to vouch that nobody changes it meanwhile
/// (`unsafe`, which this project forbids), and what weighs are the laid out weights, which would be in memory all the same.
pub(crate) fn model(models: &Path, name: &str) -> Result<Model> {
    // Weights are laid out for the processor once, at the cost of some memory, and not at every run.
    ModelOptions::with_all_ops()
        .prepack_weights(true)
        .load_file(models.join(name))
        .map_err(|error| missing(models, name, error))
}

/// The error for a model file that is not there or not what it should be.
pub(crate) fn missing(models: &Path, name: &str, error: impl std::fmt::Display) -> Error {
    let file = models.join(name);
    Error::internal(format!("model {}: {error}; run infra/models/prepare.py", file.display()))
}
