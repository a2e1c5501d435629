//! Which questions are scored again with what persons have decided: one item for each, so that many decisions in a row ask
//! for it once.

use serde::{Deserialize, Serialize};
use smartscripts_domain::{Result, id::AssessmentId};

use crate::{
    Store, Tenant,
    item::{attribute, number, text},
    keys, now,
};

/// Seconds after which a message that was asked for counts as lost.
const LOST_AFTER: i64 = 900;

/// What was learned of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learning {
    /// The question's label.
    pub question: String,
    /// When it was last asked that its answers be scored again, in seconds since 1970; none when that is done.
    pub asked_at: Option<i64>,
    /// From how many decisions it was learned last; 0 if from none.
    #[serde(default)]
    pub learned_from: u32,
}

impl Store {
    /// Notes that the answers to a question are to be scored again. Whether the caller must send the message: false if
    /// another one is on its way already.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn ask_to_learn(&self, tenant: Tenant, assessment: AssessmentId, question: &str) -> Result<bool> {
        let now = now().as_second();
        let (now_value, lost) = (attribute(&now)?, attribute(&(now - LOST_AFTER))?);
        let asked = self
            .update_if(&keys::learning(tenant.org(), assessment, question), |update| {
                Ok(update
                    .update_expression("SET asked_at = :now, question = :question")
                    .condition_expression("attribute_not_exists(asked_at) OR asked_at < :lost")
                    .expression_attribute_values(":now", now_value)
                    .expression_attribute_values(":lost", lost)
                    .expression_attribute_values(":question", text(question)))
            })
            .await?;
        Ok(asked.is_some())
    }

    /// Notes that the answers to a question are being scored again: what is decided from now on asks anew.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn begin_learning(&self, tenant: Tenant, assessment: AssessmentId, question: &str) -> Result<()> {
        self.update_if(&keys::learning(tenant.org(), assessment, question), |update| {
            Ok(update.update_expression("REMOVE asked_at").condition_expression("attribute_exists(PK)"))
        })
        .await
        .map(drop)
    }

    /// Notes from how many decisions was learned.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn note_learned(
        &self,
        tenant: Tenant,
        assessment: AssessmentId,
        question: &str,
        learned_from: usize,
    ) -> Result<()> {
        self.update_if(&keys::learning(tenant.org(), assessment, question), |update| {
            Ok(update
                .update_expression("SET learned_from = :learned_from")
                .condition_expression("attribute_exists(PK)")
                .expression_attribute_values(":learned_from", number(learned_from as u32)))
        })
        .await
        .map(drop)
    }

    /// What was learned of the questions of an assessment.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn learned(&self, tenant: Tenant, assessment: AssessmentId) -> Result<Vec<Learning>> {
        self.list_all(&keys::submissions_of(tenant.org(), assessment), keys::LEARNING).await
    }
}
