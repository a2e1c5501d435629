//! Token buckets, one item each. The item keeps one number: the moment at which the bucket will be full again (the
//! "theoretical arrival time" of the generic cell rate algorithm, ITU-T I.371). Taking a token moves it on by the time
//! that one token takes to come back, in one conditional write, so that callers who race never share a token.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use smartscripts_domain::{Result, rate::Limit};

use crate::{
    Store,
    item::{Item, key_item, unavailable},
    keys, now,
};

/// What came of asking for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The bucket's limit.
    pub limit: Limit,
    /// Whether there was one.
    pub allowed: bool,
    /// How many are left.
    pub remaining: u32,
    /// Milliseconds until there is one, if there was none; until the bucket is full otherwise.
    pub wait: u64,
}

impl Taken {
    fn allowed(limit: Limit, full_at: i64, now: i64) -> Self {
        let used = u64::try_from(full_at - now).unwrap_or(0);
        let remaining = u64::from(limit.capacity).saturating_sub(used.div_ceil(u64::from(limit.refill)));
        Self { limit, allowed: true, remaining: remaining as u32, wait: used }
    }

    fn refused(limit: Limit, wait: i64) -> Self {
        Self { limit, allowed: false, remaining: 0, wait: wait.max(1) as u64 }
    }
}

impl Store {
    /// Takes a token from the bucket of `limit` that belongs to `whose`; only a hash of that is kept.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn take_token(&self, limit: Limit, whose: &str) -> Result<Taken> {
        self.take_token_at(limit, whose, now()).await
    }

    async fn take_token_at(&self, limit: Limit, whose: &str, now: Timestamp) -> Result<Taken> {
        let (now, refill) = (now.as_millisecond(), i64::from(limit.refill));
        // With a token left, the bucket is full again at the latest by then.
        let latest = now + (i64::from(limit.capacity) - 1) * refill;
        let bucket = keys::rate(limit.name, &hex::encode(&Sha256::digest(whose)[..16]));
        let update = || {
            self.client
                .update_item()
                .table_name(&self.tenants)
                .set_key(Some(key_item(&bucket)))
                .expression_attribute_values(":now", milliseconds(now))
                .expression_attribute_values(":expires_at", milliseconds(latest / 1000 + 60))
                .return_values(ReturnValue::UpdatedNew)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        };
        // Most buckets are full when they are asked.
        let from_full = update()
            .update_expression("SET full_at = :next, expires_at = :expires_at")
            .condition_expression("attribute_not_exists(full_at) OR full_at < :now")
            .expression_attribute_values(":next", milliseconds(now + refill))
            .send()
            .await;
        let Err(error) = from_full else { return Ok(Taken::allowed(limit, now + refill, now)) };
        if let Some(full_at) = refused_at(error)?.filter(|full_at| *full_at > latest) {
            return Ok(Taken::refused(limit, full_at - latest));
        }
        let from_used = update()
            .update_expression("SET full_at = full_at + :refill, expires_at = :expires_at")
            .condition_expression("full_at BETWEEN :now AND :latest")
            .expression_attribute_values(":refill", milliseconds(refill))
            .expression_attribute_values(":latest", milliseconds(latest))
            .send()
            .await;
        match from_used {
            Ok(answer) => Ok(Taken::allowed(limit, full_at_of(answer.attributes()).unwrap_or(latest), now)),
            Err(error) => Ok(Taken::refused(limit, refused_at(error)?.map_or(refill, |full_at| full_at - latest))),
        }
    }
}

/// When the bucket will be full, as the refused write has told; an error if the write wasn't refused but failed.
fn refused_at(error: SdkError<UpdateItemError>) -> Result<Option<i64>> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => Ok(full_at_of(failed.item())),
        _ => Err(unavailable(error)),
    }
}

fn milliseconds(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn full_at_of(item: Option<&Item>) -> Option<i64> {
    item?.get("full_at")?.as_n().ok()?.parse().ok()
}
